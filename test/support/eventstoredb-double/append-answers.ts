import type {
  AppendResp,
  BatchAppendReq,
  BatchAppendResp,
} from '@eventstore/db-client/generated/streams_pb.js';
import type { AppendAnswer } from './log.js';
import type { Expected } from './log-event.js';
import { anyPb, emptyPb, sharedPb, statusPb, streamsPb } from './protocol.js';

/** How the two append paths say the same things. */

type Conflict = Extract<AppendAnswer, { kind: 'wrong-expected-version' }>;
type Success = Extract<AppendAnswer, { kind: 'success' }>;
type BatchOptions = BatchAppendReq.Options;

/** Codes of the status that a batch answer carries. */
const INVALID_ARGUMENT = 3;
const DEADLINE_EXCEEDED = 4;
const FAILED_PRECONDITION = 9;
const UNAVAILABLE = 14;

export function rpcSuccess({ revision, position }: Success): AppendResp {
  const at = new streamsPb.AppendResp.Position();
  at.setCommitPosition(String(position)).setPreparePosition(String(position));
  const success = new streamsPb.AppendResp.Success();
  success.setCurrentRevision(String(revision)).setPosition(at);
  return new streamsPb.AppendResp().setSuccess(success);
}

/** On this path a conflict is an answer, not an error. */
export function rpcConflict({ actual }: Conflict, expected: Expected): AppendResp {
  const conflict = new streamsPb.AppendResp.WrongExpectedVersion();
  if (actual === 'no_stream') conflict.setCurrentNoStream(new sharedPb.Empty());
  else conflict.setCurrentRevision(String(actual));
  if (expected === 'any') conflict.setExpectedAny(new sharedPb.Empty());
  else if (expected === 'no_stream') conflict.setExpectedNoStream(new sharedPb.Empty());
  else if (expected === 'stream_exists') conflict.setExpectedStreamExists(new sharedPb.Empty());
  else conflict.setExpectedRevision(String(expected));
  return new streamsPb.AppendResp().setWrongExpectedVersion(conflict);
}

export function batchSuccess(answer: BatchAppendResp, { revision, position }: Success): BatchAppendResp {
  const at = new sharedPb.AllStreamPosition();
  at.setCommitPosition(String(position)).setPreparePosition(String(position));
  const success = new streamsPb.BatchAppendResp.Success();
  return answer.setSuccess(success.setCurrentRevision(String(revision)).setPosition(at));
}

export function batchConflict(
  answer: BatchAppendResp,
  { actual }: Conflict,
  expected: Expected,
): BatchAppendResp {
  const conflict = new sharedPb.WrongExpectedVersion();
  if (actual === 'no_stream') conflict.setCurrentNoStream(new emptyPb.Empty());
  else conflict.setCurrentStreamRevision(String(actual));
  if (expected === 'any') conflict.setExpectedAny(new emptyPb.Empty());
  else if (expected === 'no_stream') conflict.setExpectedNoStream(new emptyPb.Empty());
  else if (expected === 'stream_exists') conflict.setExpectedStreamExists(new emptyPb.Empty());
  else conflict.setExpectedStreamPosition(String(expected));
  return failed(answer, {
    code: FAILED_PRECONDITION,
    message: 'Wrong Expected Version',
    type: 'event_store.client.WrongExpectedVersion',
    details: conflict.serializeBinary(),
  });
}

export function batchStreamDeleted(answer: BatchAppendResp): BatchAppendResp {
  const identifier = answer.getStreamIdentifier();
  const details = new sharedPb.StreamDeleted().setStreamIdentifier(identifier).serializeBinary();
  const type = 'event_store.client.StreamDeleted';
  return failed(answer, { code: FAILED_PRECONDITION, message: 'Stream Deleted', type, details });
}

export function batchTooLarge(answer: BatchAppendResp, limit: number): BatchAppendResp {
  const details = new sharedPb.MaximumAppendSizeExceeded().setMaxappendsize(limit).serializeBinary();
  const type = 'event_store.client.MaximumAppendSizeExceeded';
  return failed(answer, { code: INVALID_ARGUMENT, message: 'Maximum Append Size Exceeded', type, details });
}

export function batchBadRequest(answer: BatchAppendResp, message: string): BatchAppendResp {
  const details = new sharedPb.BadRequest().setMessage(message).serializeBinary();
  return failed(answer, { code: INVALID_ARGUMENT, message, type: 'event_store.client.BadRequest', details });
}

export function batchTimeout(answer: BatchAppendResp): BatchAppendResp {
  const details = new sharedPb.Timeout().serializeBinary();
  return failed(answer, {
    code: DEADLINE_EXCEEDED,
    message: 'Timeout',
    type: 'event_store.client.Timeout',
    details,
  });
}

/** Its type is none that the client knows: it answers "Could not recognize Server Is Not Ready". */
export function batchNotReady(answer: BatchAppendResp, message: string): BatchAppendResp {
  const details = new emptyPb.Empty().serializeBinary();
  return failed(answer, { code: UNAVAILABLE, message, type: 'google.protobuf.Empty', details });
}

/** An answer that names the request it belongs to, and says nothing yet. */
export function batchAnswerTo(
  request: BatchAppendReq,
  options: BatchOptions,
  expected: Expected,
): BatchAppendResp {
  const answer = new streamsPb.BatchAppendResp()
    .setCorrelationId(request.getCorrelationId())
    .setStreamIdentifier(options.getStreamIdentifier());
  if (expected === 'any') return answer.setAny(new emptyPb.Empty());
  if (expected === 'no_stream') return answer.setNoStream(new emptyPb.Empty());
  if (expected === 'stream_exists') return answer.setStreamExists(new emptyPb.Empty());
  return answer.setStreamPosition(String(expected));
}

function failed(
  answer: BatchAppendResp,
  error: { code: number; message: string; type: string; details: Uint8Array },
): BatchAppendResp {
  const details = new anyPb.Any();
  details.pack(error.details, error.type);
  return answer.setError(
    new statusPb.Status().setCode(error.code).setMessage(error.message).setDetails(details),
  );
}
