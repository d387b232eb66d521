import type { Arbitrary } from 'fast-check';
import fc from 'fast-check';
import type { LedgerEvent } from '#libs/ledger/events.js';
import { ARBITRARY_EVENTS } from '#test/support/ledger/arbitrary-events.js';
import { GOLDEN_EVENTS } from '#test/support/ledger/golden-events.js';
import { holds } from '#test/support/property.js';
import { UnreadableEventError } from './fields.js';
import { decodeEvent, encodeEvent, storedTypesOf } from './stored-events.js';

const PROPERTY_RUNS = 300;

describe('every event survives storing', () => {
  test.each(Object.entries<Arbitrary<LedgerEvent>>(ARBITRARY_EVENTS))('%s', (type, arbitrary) => {
    holds(
      `decode(encode(${type}))`,
      PROPERTY_RUNS,
      fc.property(arbitrary, (event) => {
        const stored = encodeEvent(event);
        const decoded = decodeEvent(stored);
        expect(decoded).toEqual(event);
        // toEqual takes a field that is undefined for one that is absent; the ledger does not.
        expect(Object.keys(decoded).sort()).toEqual(Object.keys(event).sort());
        expect(encodeEvent(decoded)).toEqual(stored);
      }),
    );
  });

  test('the stored form is flat: primitives and lists of flat records, amounts as strings', () => {
    for (const arbitrary of Object.values<Arbitrary<LedgerEvent>>(ARBITRARY_EVENTS)) {
      for (const event of fc.sample(arbitrary, 20)) {
        const fields = JSON.parse(encodeEvent(event).data) as Record<string, unknown>;
        const parts = Object.values(fields).flatMap((field): unknown[] =>
          Array.isArray(field) ? field.flatMap((item: object): unknown[] => Object.values(item)) : [field],
        );
        for (const part of parts) expect(['string', 'number', 'boolean']).toContain(typeof part);
      }
    }
  });

  test('stored types carry a version', () => {
    expect(storedTypesOf('PromptCharged', 'FlowUnlocked')).toEqual(['PromptCharged.v1', 'FlowUnlocked.v1']);
  });

  test('stored types name old versions too: a subscription to an event must see every one there is', () => {
    expect(storedTypesOf('WalletOpened')).toEqual(['WalletOpened.v1', 'WalletOpened.v2']);
  });

  test('the newest version is written', () => {
    expect(encodeEvent(GOLDEN_EVENTS['WalletOpened.v1']!).type).toBe('WalletOpened.v2');
  });
});

describe('what this version does not know is refused loudly', () => {
  test.each(['PromptCharged.v2', 'PromptCharged', 'WalletOpened.v0', 'WalletOpened.v3', '', 'constructor'])(
    'unknown type "%s"',
    (type) => {
      const decode = () => decodeEvent({ type, data: '{}' });
      expect(decode).toThrow(UnreadableEventError);
      expect(decode).toThrow(`Unknown stored event type "${type}"`);
    },
  );

  test.each(['', '{', 'null', '[]', '7', '"text"'])('data that is no record of fields: %s', (data) => {
    const decode = () => decodeEvent({ type: 'WalletOpened.v1', data });
    expect(decode).toThrow(UnreadableEventError);
    expect(decode).toThrow('WalletOpened.v1');
  });
});

describe('a wrong field is named', () => {
  const opened = GOLDEN_EVENTS['WalletOpened.v2']!;
  const purchase = GOLDEN_EVENTS['CreditsAdded.v1']!;
  const charge = GOLDEN_EVENTS['PromptCharged.v1-settled']!;
  const unlock = GOLDEN_EVENTS['FlowUnlocked.v1']!;
  const thresholds = GOLDEN_EVENTS['ThresholdsSet.v1']!;
  test.each<[LedgerEvent, string, unknown]>([
    [opened, 'userId', 7],
    [opened, 'userId', undefined],
    [opened, 'plan', 'GOLD'],
    [opened, 'planTableVersion', 1.5],
    [opened, 'planTableVersion', '1'],
    [opened, 'at', 'yesterday'],
    [opened, 'at', '2026'],
    [opened, 'at', 1_795_190_400_000],
    [purchase, 'amount', 5],
    [purchase, 'amount', ''],
    [purchase, 'amount', ' 5'],
    [purchase, 'amount', '0x10'],
    [purchase, 'amount', '1.5'],
    [purchase, 'amount', '-5'],
    [purchase, 'amount', '05'],
    [purchase, 'amount', 'five'],
    [purchase, 'kind', 'gift'],
    [purchase, 'origin', 'thin air'],
    [purchase, 'expiresAt', null],
    [charge, 'byok', 'false'],
    [charge, 'purpose', 'fun'],
    [charge, 'inputTokens', -0.5],
    [charge, 'inputTokens', 2 ** 53],
    [charge, 'draws', {}],
    [charge, 'draws', [null]],
    [charge, 'draws', ['lot']],
    [charge, 'allowance', 0],
    [charge, 'holdId', 7],
    [charge, 'uncollected', '-1'],
    [unlock, 'draws', undefined],
    [opened, 'coverage', undefined],
    [opened, 'coverage', 'hope'],
    [thresholds, 'thresholds', undefined],
    [thresholds, 'thresholds', '5'],
    [thresholds, 'thresholds', [5]],
    [thresholds, 'thresholds', ['5', '05']],
    [GOLDEN_EVENTS['WalletFrozen.v1']!, 'reason', 'because'],
    [GOLDEN_EVENTS['PlanChanged.v1']!, 'cause', 'luck'],
    [GOLDEN_EVENTS['CreditsRevoked.v1']!, 'reason', 'because'],
    [GOLDEN_EVENTS['HoldReleased.v1']!, 'cause', 'luck'],
    [GOLDEN_EVENTS['PromptRefunded.v1']!, 'refundedMarkup', 'all'],
    [GOLDEN_EVENTS['PromptCreated.v1']!, 'visibility', 'shared'],
    [GOLDEN_EVENTS['PayoutFailed.v1']!, 'failedFrom', 'failed'],
  ])('%#', (event, field, value) => {
    const { type, data } = encodeEvent(event);
    const damaged = { type, data: JSON.stringify({ ...(JSON.parse(data) as object), [field]: value }) };
    expect(() => decodeEvent(damaged)).toThrow(UnreadableEventError);
    expect(() => decodeEvent(damaged)).toThrow(`${type}: field "${field}" must be`);
  });

  test('inside a list too', () => {
    const { type, data } = encodeEvent(charge);
    const damaged = { type, data: data.replace('"kind":"monthly"', '"kind":"gift"') };
    expect(() => decodeEvent(damaged)).toThrow('PromptCharged.v1.draws: field "kind" must be');
  });

  test('of an old version too, by the version that is stored', () => {
    const damaged = { type: 'WalletOpened.v1', data: '{"userId":"u-1","at":"2026-11-20T16:00:00.123Z"}' };
    expect(() => decodeEvent(damaged)).toThrow('WalletOpened.v1: field "plan" must be');
  });
});
