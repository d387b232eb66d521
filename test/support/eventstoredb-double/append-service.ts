import type { handleClientStreamingCall, handleBidiStreamingCall } from '@grpc/grpc-js';
import type {
  AppendReq,
  AppendResp,
  BatchAppendReq,
  BatchAppendResp,
} from '@eventstore/db-client/generated/streams_pb.js';
import * as answers from './append-answers.js';
import { APPEND_BYTES_MAX, type AppendDesk, type AppendReply } from './append-desk.js';
import type { Faults } from './faults.js';
import type { Expected } from './log-event.js';
import {
  BadRequestError,
  expectedOf,
  newEventOf,
  streamNameOf,
  type AppendRequest,
  type ProposedMessage,
} from './requests.js';
import { handlerThrew, notReady, NOT_READY, streamDeleted, tooLarge } from './rpc-errors.js';

/** After a request refused as bad, the server answers a second time, as if the append had timed out. */
const SECOND_ANSWER_AFTER_MS = 2_000;

export interface AppendServiceOptions {
  readonly desk: AppendDesk;
  readonly faults: Faults;
}

/** The Append RPC: one call an append. */
export function appendHandler({
  desk,
  faults,
}: AppendServiceOptions): handleClientStreamingCall<AppendReq, AppendResp> {
  return (call, callback) => {
    const messages: AppendReq[] = [];
    const answer = () => {
      try {
        if (!faults.ready) throw notReady();
        const request = requestOf(messages);
        const reply = desk.handle(request, call.getPeer());
        if (reply.kind !== 'lost') callback(null, rpcAnswer(reply, request));
      } catch (error) {
        callback(error instanceof BadRequestError ? handlerThrew() : (error as Error));
      }
    };
    call.on('data', (message: AppendReq) => messages.push(message));
    call.on('end', () => {
      // A connection that breaks between two events ends the call as well, a moment before it cancels it. A real
      // server then writes nothing; without this a part of the append would be.
      setImmediate(() => {
        if (call.cancelled) return;
        const wait = faults.wait();
        if (wait) void wait.then(answer);
        else answer();
      });
    });
    call.on('error', () => undefined);
  };
}

function requestOf(messages: readonly AppendReq[]): AppendRequest {
  const options = messages[0]?.getOptions();
  if (!options) throw new BadRequestError('The first message of an append holds its options.');
  return {
    stream: streamNameOf(options.getStreamIdentifier()),
    expected: expectedOf(options, options.getRevision()),
    events: messages.slice(1).map((message) => newEventOf(proposedIn(message))),
  };
}

function proposedIn(message: AppendReq): ProposedMessage {
  const proposed = message.getProposedMessage();
  if (!proposed) throw new BadRequestError('Every message behind the first holds an event.');
  return proposed;
}

function rpcAnswer(reply: Exclude<AppendReply, { kind: 'lost' }>, request: AppendRequest): AppendResp {
  if (reply.kind === 'success') return answers.rpcSuccess(reply);
  if (reply.kind === 'wrong-expected-version') return answers.rpcConflict(reply, request.expected);
  throw reply.kind === 'too-large' ? tooLarge(APPEND_BYTES_MAX) : streamDeleted(request.stream);
}

/** BatchAppend: one call a connection, appends told apart by their correlation ids, answered in order. */
export function batchAppendHandler({
  desk,
  faults,
}: AppendServiceOptions): handleBidiStreamingCall<BatchAppendReq, BatchAppendResp> {
  return (call) => {
    const pending = new Map<string, PendingBatch>();
    const secondAnswers = new Set<NodeJS.Timeout>();
    let earlier: Promise<void> | undefined;

    const handle = (request: BatchAppendReq) => {
      const batch = pendingBatch(pending, request);
      if (!batch || !request.getIsFinal()) return;
      const answer = answerBatch(batch, { desk, faults, peer: call.getPeer() });
      if (answer === 'lost') return;
      call.write(answer.first);
      if (!answer.second) return;
      const { second } = answer;
      const timer = setTimeout(() => {
        secondAnswers.delete(timer);
        call.write(second);
      }, SECOND_ANSWER_AFTER_MS);
      secondAnswers.add(timer);
    };
    call.on('data', (request: BatchAppendReq) => {
      const wait = faults.wait();
      // What waits holds up what came later: the order of a batch call is kept.
      if (wait || earlier) {
        const turn = Promise.all([earlier, wait]).then(() => handle(request));
        earlier = turn;
        void turn.then(() => {
          if (earlier === turn) earlier = undefined;
        });
      } else handle(request);
    });
    call.on('end', () => call.end());
    call.on('error', () => undefined);
    call.on('cancelled', () => secondAnswers.forEach(clearTimeout));
  };
}

interface PendingBatch {
  readonly first: BatchAppendReq;
  readonly messages: ProposedMessage[];
}

/** Adds a request to the append it belongs to; that append, or nothing when its beginning is unknown. */
function pendingBatch(pending: Map<string, PendingBatch>, request: BatchAppendReq): PendingBatch | undefined {
  const id = request.getCorrelationId()?.getString() ?? '';
  let batch = pending.get(id);
  if (!batch && request.hasOptions()) pending.set(id, (batch = { first: request, messages: [] }));
  batch?.messages.push(...request.getProposedMessagesList());
  if (request.getIsFinal()) pending.delete(id);
  return batch;
}

function answerBatch(
  { first, messages }: PendingBatch,
  { desk, faults, peer }: AppendServiceOptions & { peer: string },
): { first: BatchAppendResp; second?: BatchAppendResp } | 'lost' {
  const options = first.getOptions()!;
  const expected = expectedOf(options, options.getStreamPosition());
  const answer = answers.batchAnswerTo(first, options, expected);
  if (!faults.ready) return { first: answers.batchNotReady(answer, NOT_READY) };
  try {
    const stream = streamNameOf(options.getStreamIdentifier());
    const reply = desk.handle({ stream, expected, events: messages.map(newEventOf) }, peer);
    return reply.kind === 'lost' ? 'lost' : { first: batchAnswer(answer, reply, expected) };
  } catch (error) {
    if (!(error instanceof BadRequestError)) throw error;
    return {
      first: answers.batchBadRequest(answer, error.message),
      second: answers.batchTimeout(answers.batchAnswerTo(first, options, expected)),
    };
  }
}

function batchAnswer(
  answer: BatchAppendResp,
  reply: Exclude<AppendReply, { kind: 'lost' }>,
  expected: Expected,
): BatchAppendResp {
  switch (reply.kind) {
    case 'success':
      return answers.batchSuccess(answer, reply);
    case 'wrong-expected-version':
      return answers.batchConflict(answer, reply, expected);
    case 'stream-deleted':
      return answers.batchStreamDeleted(answer);
    case 'too-large':
      return answers.batchTooLarge(answer, APPEND_BYTES_MAX);
  }
}
