import { type ErrorObject, type ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import fc, { type Arbitrary } from 'fast-check';
import { formatPosition } from '#libs/event-store/position.js';
import type { LedgerEvent, LedgerEventType } from '#libs/ledger/events.js';
import type { Balance } from '#libs/ledger/wallet/balance.js';
import { ARBITRARY_EVENTS } from '#test/support/ledger/arbitrary-events.js';
import { amount } from '#test/support/ledger/arbitrary-events/common.js';
import { GOLDEN_EVENTS } from '#test/support/ledger/golden-events.js';
import { holds } from '#test/support/property.js';
import { UnreadableEventError } from '../fields.js';
import { encodeMetadata } from '../metadata.js';
import { encodeEvent, storedTypesOf } from '../stored-events.js';
import { OPEN_WORDS_KEYWORD, schemaOfPublic } from './event-schemas.js';
import { PUBLIC_EVENT_TYPES, type PublicEventType } from './public-event.js';
import {
  PRIVATE_EVENTS,
  PUBLIC_STORED_TYPES,
  type RecordedLike,
  storedTypesOfPublic,
  toPublicEvent,
} from './to-public-event.js';

const PROPERTY_RUNS = 200;
const LOG_ID = '00c0ffee';
const MADE_BY = { principal: 'local', key: 'k-1', bodyHash: 'h' };
const BALANCE: Balance = {
  available: 7n,
  held: 3n,
  monthly: 4n,
  promo: 3n,
  refund: 2n,
  purchased: 1n,
  unlimited: { used: 5n, fairUse: 9n },
};

const recordedOf = (event: LedgerEvent, metadata: object = {}): RecordedLike => ({
  ...encodeEvent(event),
  id: '00000000-0000-4000-8000-000000000001',
  metadata: encodeMetadata({ ...MADE_BY, ...metadata }),
  stream: 'wallet-u-1',
  position: 9_007_199_254_740_993n,
  recordedAt: Date.parse('2026-11-20T16:00:00.123Z'),
});

/** Judges what is published: stricter than consumers are, so that no field escapes its description. */
function strictValidators(): Readonly<Record<PublicEventType, ValidateFunction>> {
  const ajv = new Ajv2020({ strict: true, allErrors: true });
  addFormats.default(ajv);
  ajv.addVocabulary([OPEN_WORDS_KEYWORD]);
  return Object.fromEntries(
    PUBLIC_EVENT_TYPES.map((type) => [type, ajv.compile(closed(schemaOfPublic(type)))]),
  ) as Record<PublicEventType, ValidateFunction>;
}

/** The schema with no room for other fields, at any depth. */
function closed<S extends object>(schema: S): S {
  const entries = Object.entries(schema).map(([name, value]: [string, unknown]) => [
    name,
    typeof value === 'object' && value !== null && !Array.isArray(value) ? closed(value) : value,
  ]);
  const same = Object.fromEntries(entries) as S;
  return 'properties' in schema ? { ...same, additionalProperties: false } : same;
}

const validators = strictValidators();

function problemsOf(type: PublicEventType, data: unknown): readonly ErrorObject[] {
  const validate = validators[type];
  // What is published is what JSON keeps of it.
  return validate(JSON.parse(JSON.stringify(data))) ? [] : (validate.errors ?? []);
}

const isPrivate = (type: string): boolean => PRIVATE_EVENTS.has(type as LedgerEventType);
const EVERY_TYPE = Object.entries<Arbitrary<LedgerEvent>>(ARBITRARY_EVENTS);

describe('a public event is what its schema says', () => {
  test.each(EVERY_TYPE.filter(([type]) => !isPrivate(type)))('%s', (type, arbitrary) => {
    const metadata = fc.record(
      { correlationId: fc.string(), balance: arbitraryBalance() },
      { requiredKeys: [] },
    );
    holds(
      `the schema accepts ${type}`,
      PROPERTY_RUNS,
      fc.property(arbitrary, metadata, (event, given) => {
        const published = toPublicEvent(LOG_ID, recordedOf(event, given))!;
        expect(problemsOf(published.type, published.data)).toEqual([]);
        expect(published.correlationId).toBe(given.correlationId);
        expect(Object.values(published.data)).not.toContain(undefined);
      }),
    );
  });

  test.each(EVERY_TYPE.filter(([type]) => isPrivate(type)))('%s is told to nobody', (type, arbitrary) => {
    expect(PRIVATE_EVENTS.get(type as LedgerEventType)).not.toBe('');
    for (const event of fc.sample(arbitrary, 20)) {
      expect(toPublicEvent(LOG_ID, recordedOf(event))).toBeUndefined();
    }
  });

  test('the judge is not blind: a wrong, a missing and an unknown field are found', () => {
    const charged = GOLDEN_EVENTS['PromptCharged.v1-settled']!;
    const { type, data } = toPublicEvent(LOG_ID, recordedOf(charged, { balance: BALANCE }))!;
    expect(problemsOf(type, data)).toEqual([]);
    expect(problemsOf(type, { ...data, total: 5 })).not.toEqual([]);
    expect(problemsOf(type, { ...data, total: undefined })).not.toEqual([]);
    expect(problemsOf(type, { ...data, secret: 'x' })).not.toEqual([]);
    expect(problemsOf(type, { ...data, balanceAfter: { available: '7' } })).not.toEqual([]);
  });
});

describe('every stored event of a public type is told as exactly one', () => {
  test('each event is told or kept, and each public type has one event behind it', () => {
    const all = EVERY_TYPE.map(([type]) => type as LedgerEventType);
    const told = all.filter((type) => !PRIVATE_EVENTS.has(type));
    const publicTypes = told.map((type) => toPublicEvent(LOG_ID, recordedOf(goldenOf(type)))!.type);
    expect([...publicTypes].sort()).toEqual([...PUBLIC_EVENT_TYPES].sort());
    expect([...PUBLIC_STORED_TYPES].sort()).toEqual([...storedTypesOf(...told)].sort());
  });

  test('old versions are among the types to subscribe to, and are told as the newest', () => {
    expect(storedTypesOfPublic('promptflow.wallet.opened.v1')).toEqual([
      'WalletOpened.v1',
      'WalletOpened.v2',
    ]);
    const old = {
      ...recordedOf(GOLDEN_EVENTS['WalletOpened.v2']!),
      type: 'WalletOpened.v1',
      data: '{"userId":"u-1","at":"2026-11-20T16:00:00.123Z","plan":"FREE","planTable":"standard","planTableVersion":1}',
    };
    expect(toPublicEvent(LOG_ID, old)).toMatchObject({
      type: 'promptflow.wallet.opened.v1',
      data: { userId: 'u-1', plan: 'FREE', coverage: 'free' },
    });
  });

  test('an event that this version does not know is not passed over', () => {
    const unknown = { ...recordedOf(GOLDEN_EVENTS['WalletOpened.v2']!), type: 'WalletOpened.v3' };
    expect(() => toPublicEvent(LOG_ID, unknown)).toThrow(UnreadableEventError);
  });
});

describe('what an event carries', () => {
  test('place, time and the balance after it', () => {
    const event = toPublicEvent(
      LOG_ID,
      recordedOf(GOLDEN_EVENTS['CreditsExpired.v1']!, { balance: BALANCE, correlationId: 'c-1' }),
    );
    expect(event).toMatchObject({
      id: '00000000-0000-4000-8000-000000000001',
      type: 'promptflow.credits.expired.v1',
      stream: 'wallet-u-1',
      position: formatPosition(LOG_ID, 9_007_199_254_740_993n),
      time: '2026-11-20T16:00:00.123Z',
      correlationId: 'c-1',
      data: {
        balanceAfter: {
          available: '7',
          held: '3',
          monthly: '4',
          promo: '3',
          refund: '2',
          purchased: '1',
          unlimited: { used: '5', fairUse: '9' },
        },
      },
    });
  });

  test('a refund tells what is in the wallet again, not what revoked credits had paid', () => {
    const refunded = GOLDEN_EVENTS['PromptRefunded.v1']!;
    if (refunded.type !== 'PromptRefunded') throw new Error('the example is of another type');
    const [part] = refunded.restored;
    const restored = [
      { ...part!, into: 'lot' as const, amount: 5n },
      { ...part!, into: 'refund_lot' as const, amount: 3n },
      { ...part!, into: 'revoked' as const, amount: 100n },
    ];
    expect(toPublicEvent(LOG_ID, recordedOf({ ...refunded, restored }))!.data).toMatchObject({
      credited: '8',
    });
  });

  test('a creator is not told who runs their prompts', () => {
    const paid = GOLDEN_EVENTS['CreatorPaid.v1']!;
    expect(JSON.stringify(toPublicEvent(LOG_ID, recordedOf(paid))!.data)).not.toContain('u-1');
  });
});

function goldenOf(type: LedgerEventType): LedgerEvent {
  return Object.values(GOLDEN_EVENTS).find((event) => event.type === type)!;
}

function arbitraryBalance(): Arbitrary<Balance> {
  return fc
    .record({
      held: amount,
      free: amount,
      promo: amount,
      refund: amount,
      purchased: amount,
      unlimited: fc.option(fc.record({ used: amount, fairUse: amount }, { requiredKeys: ['used'] }), {
        nil: undefined,
      }),
    })
    .map(({ held, free, promo, refund, purchased, unlimited }) => ({
      available: free + promo + refund + purchased,
      held,
      monthly: free + held,
      promo,
      refund,
      purchased,
      ...(unlimited === undefined ? {} : { unlimited }),
    }));
}
