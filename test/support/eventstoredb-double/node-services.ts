import type { handleUnaryCall, ServiceDefinition, UntypedServiceImplementation } from '@grpc/grpc-js';
import type { ClusterInfo } from '@eventstore/db-client/generated/gossip_pb.js';
import type { SupportedMethods } from '@eventstore/db-client/generated/serverfeatures_pb.js';
import type { Empty } from '@eventstore/db-client/generated/shared_pb.js';
import type {
  DeleteReq,
  DeleteResp,
  TombstoneReq,
  TombstoneResp,
} from '@eventstore/db-client/generated/streams_pb.js';
import { HOST } from './connections.js';
import type { Faults } from './faults.js';
import type { Expected } from './log-event.js';
import type { AppendAnswer, Log } from './log.js';
import {
  featuresPb,
  GossipService,
  gossipPb,
  ServerFeaturesService,
  sharedPb,
  StreamsDefinition,
  streamsPb,
} from './protocol.js';
import { BadRequestError, expectedOf, streamNameOf } from './requests.js';
import { handlerThrew, notReady, streamDeleted, wrongExpectedVersion } from './rpc-errors.js';

/** Behaves as this version does, and says what it is. */
const VERSION = '24.6.0 (protocol double)';

interface NodeOptions {
  readonly log: Log;
  readonly faults: Faults;
  readonly instanceId: string;
  readonly port: () => number;
}

/** Delete and tombstone, which an append's rules of expected revisions govern too. */
export function deleteHandlers({ log, faults }: NodeOptions): {
  delete: handleUnaryCall<DeleteReq, DeleteResp>;
  tombstone: handleUnaryCall<TombstoneReq, TombstoneResp>;
} {
  return {
    delete: unary(faults, (request) => {
      const options = request.getOptions();
      const stream = streamNameOf(options?.getStreamIdentifier());
      const expected = expectedOf(options!, options!.getRevision());
      const position = positionOf(log.deleteSoftly(stream, expected), { stream, expected });
      const at = new streamsPb.DeleteResp.Position().setCommitPosition(position).setPreparePosition(position);
      return new streamsPb.DeleteResp().setPosition(at);
    }),
    tombstone: unary(faults, (request) => {
      const options = request.getOptions();
      const stream = streamNameOf(options?.getStreamIdentifier());
      const expected = expectedOf(options!, options!.getRevision());
      const position = positionOf(log.tombstone(stream, expected), { stream, expected });
      const at = new streamsPb.TombstoneResp.Position();
      at.setCommitPosition(position).setPreparePosition(position);
      return new streamsPb.TombstoneResp().setPosition(at);
    }),
  };
}

/** What a client asks before its first batch append. */
export function featuresHandler(faults: Faults): UntypedServiceImplementation {
  const methods = [
    ...methodsOf(StreamsDefinition),
    ...methodsOf(ServerFeaturesService),
    ...methodsOf(GossipService),
  ];
  const answer = new featuresPb.SupportedMethods()
    .setEventStoreServerVersion(VERSION)
    .setMethodsList(methods);
  const getSupportedMethods = hangable<Empty, SupportedMethods>(faults, () => answer);
  return { getSupportedMethods };
}

/** One node, which leads: what `esdb+discover://` asks for. */
export function gossipHandler({ faults, instanceId, port }: NodeOptions): UntypedServiceImplementation {
  const read = hangable<Empty, ClusterInfo>(faults, () => {
    const endPoint = new gossipPb.EndPoint().setAddress(HOST).setPort(port());
    const member = new gossipPb.MemberInfo()
      .setInstanceId(new sharedPb.UUID().setString(instanceId))
      .setTimeStamp(String(Date.now()))
      .setState(gossipPb.MemberInfo.VNodeState.LEADER)
      .setIsAlive(true)
      .setHttpEndPoint(endPoint);
    return new gossipPb.ClusterInfo().setMembersList([member]);
  });
  return { read };
}

function methodsOf(service: ServiceDefinition): InstanceType<typeof featuresPb.SupportedMethod>[] {
  return Object.values(service).map(({ path }) => {
    const [, serviceName, methodName] = path.split('/');
    return new featuresPb.SupportedMethod()
      .setServiceName(serviceName!)
      .setMethodName(methodName!.toLowerCase());
  });
}

function unary<Request, Response>(
  faults: Faults,
  answer: (request: Request) => Response,
): handleUnaryCall<Request, Response> {
  return hangable(faults, (request) => {
    if (!faults.ready) throw notReady();
    return answer(request);
  });
}

/** Answered by a server that is not ready too, but not by one that hangs. */
function hangable<Request, Response>(
  faults: Faults,
  answer: (request: Request) => Response,
): handleUnaryCall<Request, Response> {
  return (call, callback) => {
    const reply = () => {
      try {
        callback(null, answer(call.request));
      } catch (error) {
        callback(error instanceof BadRequestError ? handlerThrew() : (error as Error));
      }
    };
    const wait = faults.wait();
    if (wait) void wait.then(reply);
    else reply();
  };
}

function positionOf(answer: AppendAnswer, asked: { stream: string; expected: Expected }): string {
  if (answer.kind === 'success') return String(answer.position);
  if (answer.kind === 'stream-deleted') throw streamDeleted(asked.stream);
  throw wrongExpectedVersion(asked.stream, { expected: asked.expected, actual: answer.actual });
}
