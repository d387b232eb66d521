import { DAY_MS, STANDARD_CREATOR_TERMS } from './terms.js';
import {
  earned,
  foldCreator,
  givenCreator,
  paid,
  reversed,
  settle,
  settledEvent,
  verified,
} from '#test/support/ledger/creator-builders.js';
import { NOW } from '#test/support/ledger/wallet-builders.js';
import { earningsAt, evolveCreator } from './state.js';

const MANY = 20_000;
const DAYS = 365;

describe('settle', () => {
  const [first, second, third] = [earned(3n, 80n), earned(7n, 6n), earned(9n, 803n)];

  test('pays one CreatorPaid a source, in log order, and accrues', () => {
    givenCreator().when(settle(first, second)).then(settledEvent(first), settledEvent(second));
    const creator = foldCreator([settledEvent(first), settledEvent(second)]);
    expect(creator).toMatchObject({ lastSource: 7n, version: 2 });
    expect(earningsAt(creator, NOW, STANDARD_CREATOR_TERMS)).toMatchObject({ earned: 86n, accrued: 86n });
  });

  test('a refund takes its share back, in log order with the rest', () => {
    const refund = reversed(8n, 80n);
    givenCreator(settledEvent(first))
      .when(settle(second, refund, third))
      .then(settledEvent(second), settledEvent(refund), settledEvent(third));
  });

  test('skips sources at or below the last one settled, reversals too', () => {
    givenCreator(settledEvent(first), settledEvent(second))
      .when(settle(first, second, third))
      .then(settledEvent(third));
    givenCreator(settledEvent(second)).when(settle(first)).then();
    givenCreator(settledEvent(first)).when(settle(first)).then();
    const refund = reversed(8n, 80n);
    givenCreator(settledEvent(first), settledEvent(refund)).when(settle(refund)).then();
    givenCreator(settledEvent(first), settledEvent(refund)).when(settle(second)).then();
  });

  test('only CreatorPaid and CreatorEarningsReversed move the last source', () => {
    expect(foldCreator([paid(3n, 80n), verified()])).toMatchObject({ lastSource: 3n });
    givenCreator(verified()).when(settle(first)).then(settledEvent(first));
  });

  test('nothing to settle is nothing to write', () => {
    givenCreator().when(settle()).then();
  });

  test('never before the last event of the stream', () => {
    givenCreator(settledEvent(first, NOW + 5))
      .when(settle(second))
      .then(settledEvent(second, NOW + 5));
  });

  test('a source folded twice or backwards is a fault', () => {
    expect(() => foldCreator([settledEvent(second), settledEvent(second)])).toThrow(
      'source 7 is settled a second time',
    );
    expect(() => foldCreator([settledEvent(second), settledEvent(first)])).toThrow('settled a second time');
  });

  test('a creator with many earnings has a state of one entry a day', () => {
    let creator = foldCreator([]);
    for (let i = 1; i <= MANY; i++) {
      creator = evolveCreator(creator, paid(BigInt(i), 7n, NOW - (i % DAYS) * DAY_MS));
    }
    expect(creator).toMatchObject({ days: { size: DAYS }, version: MANY });
    expect(earningsAt(creator, NOW, STANDARD_CREATOR_TERMS).earned).toBe(7n * BigInt(MANY));
  });
});
