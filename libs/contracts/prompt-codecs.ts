import type {
  BalanceThresholdCrossed,
  PromptChanged,
  PromptCreated,
  PromptDeleted,
  ThresholdsSet,
} from '#libs/ledger/wallet/events.js';
import { PROMPT_VISIBILITIES } from '#libs/ledger/wallet/vocabulary.js';
import type { Codecs } from './codec.js';
import { type FieldReader, type StoredFields, timeText } from './fields.js';
import { decodeHead } from './wallet-fields.js';

type KeptPrompt = Omit<PromptCreated | PromptChanged, 'type'>;

const encodePrompt = (event: KeptPrompt): StoredFields => ({
  userId: event.userId,
  at: timeText(event.at),
  promptId: event.promptId,
  visibility: event.visibility,
  sizeBytes: event.sizeBytes,
});

const decodePrompt = (fields: FieldReader): KeptPrompt => ({
  ...decodeHead(fields),
  promptId: fields.text('promptId'),
  visibility: fields.oneOf('visibility', PROMPT_VISIBILITIES),
  sizeBytes: fields.integer('sizeBytes'),
});

export const promptCodecs: Codecs<PromptCreated | PromptChanged | PromptDeleted> = {
  PromptCreated: {
    storedType: 'PromptCreated.v1',
    encode: encodePrompt,
    decode: (fields) => ({ type: 'PromptCreated', ...decodePrompt(fields) }),
  },
  PromptChanged: {
    storedType: 'PromptChanged.v1',
    encode: encodePrompt,
    decode: (fields) => ({ type: 'PromptChanged', ...decodePrompt(fields) }),
  },
  PromptDeleted: {
    storedType: 'PromptDeleted.v1',
    encode: (event) => ({ userId: event.userId, at: timeText(event.at), promptId: event.promptId }),
    decode: (fields) => ({
      type: 'PromptDeleted',
      ...decodeHead(fields),
      promptId: fields.text('promptId'),
    }),
  },
};

export const thresholdCodecs: Codecs<ThresholdsSet | BalanceThresholdCrossed> = {
  ThresholdsSet: {
    storedType: 'ThresholdsSet.v1',
    encode: (event) => ({
      userId: event.userId,
      at: timeText(event.at),
      thresholds: event.thresholds.map((threshold) => threshold.toString()),
    }),
    decode: (fields) => ({
      type: 'ThresholdsSet',
      ...decodeHead(fields),
      thresholds: fields.amounts('thresholds'),
    }),
  },
  BalanceThresholdCrossed: {
    storedType: 'BalanceThresholdCrossed.v1',
    encode: (event) => ({
      userId: event.userId,
      at: timeText(event.at),
      threshold: event.threshold.toString(),
      available: event.available.toString(),
    }),
    decode: (fields) => ({
      type: 'BalanceThresholdCrossed',
      ...decodeHead(fields),
      threshold: fields.amount('threshold'),
      available: fields.amount('available'),
    }),
  },
};
