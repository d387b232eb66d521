import { createRequire } from 'node:module';
import type { MethodDefinition } from '@grpc/grpc-js';
import type * as gossipServices from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import type * as gossipMessages from '@eventstore/db-client/generated/gossip_pb.js';
import type * as featureServices from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import type * as featureMessages from '@eventstore/db-client/generated/serverfeatures_pb.js';
import type * as sharedMessages from '@eventstore/db-client/generated/shared_pb.js';
import type * as statusMessages from '@eventstore/db-client/generated/status_pb.js';
import type * as streamServices from '@eventstore/db-client/generated/streams_grpc_pb.js';
import type * as streamMessages from '@eventstore/db-client/generated/streams_pb.js';
import type * as anyMessages from 'google-protobuf/google/protobuf/any_pb.js';
import type * as emptyMessages from 'google-protobuf/google/protobuf/empty_pb.js';

// The definitions that the client ships are CommonJS, generated for the protobuf runtime nested below the client:
// a second copy of that runtime would make messages that theirs cannot embed.
const fromHere = createRequire(import.meta.url);
const fromClient = createRequire(fromHere.resolve('@eventstore/db-client'));
const generated = (file: string): unknown => fromHere(`@eventstore/db-client/generated/${file}.js`);

export const streamsPb = generated('streams_pb') as typeof streamMessages;
export const sharedPb = generated('shared_pb') as typeof sharedMessages;
export const statusPb = generated('status_pb') as typeof statusMessages;
export const featuresPb = generated('serverfeatures_pb') as typeof featureMessages;
export const gossipPb = generated('gossip_pb') as typeof gossipMessages;
export const anyPb = fromClient('google-protobuf/google/protobuf/any_pb.js') as typeof anyMessages;
export const emptyPb = fromClient('google-protobuf/google/protobuf/empty_pb.js') as typeof emptyMessages;

const { StreamsService } = generated('streams_grpc_pb') as typeof streamServices;
export const { ServerFeaturesService } = generated('serverfeatures_grpc_pb') as typeof featureServices;
export const { GossipService } = generated('gossip_grpc_pb') as typeof gossipServices;

/** Answers of Read travel as bytes: an event is encoded once, however often it is read. */
const read: MethodDefinition<streamMessages.ReadReq, Buffer> = {
  ...StreamsService.read,
  responseSerialize: (bytes: Buffer) => bytes,
  responseDeserialize: (bytes: Buffer) => bytes,
};

export const StreamsDefinition = {
  read,
  append: StreamsService.append,
  batchAppend: StreamsService.batchAppend,
  delete: StreamsService.delete,
  tombstone: StreamsService.tombstone,
};
