import { PUBLIC_EVENT_TYPES, type PublicEvent } from '#libs/contracts/public/public-event.js';
import { idOf } from './note.js';
import { meaningOf } from './notes-of-event.js';

const AT = '2026-11-20T16:00:00.000Z';

/** The fields that are read of the event's data. */
function event(type: PublicEvent['type'], data: object): PublicEvent {
  const owner = 'creatorId' in data && !('userId' in data) ? {} : { userId: 'u-1' };
  return {
    id: 'e-1',
    type,
    stream: 's',
    position: 'aaaaaaaa-1',
    time: AT,
    data: { ...owner, at: AT, ...data },
  } as unknown as PublicEvent;
}

const added = (data: object): PublicEvent =>
  event('promptflow.credits.added.v1', { amount: '5', kind: 'purchased', lotId: 'l', ...data });
const paid = (data: object): PublicEvent =>
  event('promptflow.creator.paid.v1', { creatorId: 'c-1', amount: '80', reference: 'f-1', ...data });

test.each<[string, PublicEvent, string, object]>([
  [
    'a threshold crossed',
    event('promptflow.balance.threshold_crossed.v1', { threshold: '10', available: '9' }),
    'low_balance',
    { threshold: '10', available: '9' },
  ],
  [
    'credits bought',
    added({ origin: 'purchased', balanceAfter: { available: '9' } }),
    'credits_added',
    { amount: '5', origin: 'purchased', available: '9' },
  ],
  [
    'a gift that lapses',
    added({ origin: 'promo', expiresAt: AT }),
    'credits_added',
    { amount: '5', origin: 'promo', expiresAt: AT },
  ],
  ['the credits of the month', added({ origin: 'monthly' }), 'monthly_credits', { amount: '5' }],
  [
    'another plan',
    event('promptflow.plan.changed.v1', { from: 'FREE', to: 'PRO', cause: 'upgrade', coverage: 'paid' }),
    'plan_changed',
    { from: 'FREE', to: 'PRO', cause: 'upgrade' },
  ],
  [
    'a flow bought',
    event('promptflow.flow.unlocked.v1', { flowId: 'f-1', creatorId: 'c-1', price: '100' }),
    'flow_unlocked',
    { flowId: 'f-1', price: '100' },
  ],
  [
    'a payout sent',
    event('promptflow.payout.sent.v1', { creatorId: 'c-1', payoutId: 'p', amount: '10000' }),
    'payout_sent',
    { payoutId: 'p', amount: '10000' },
  ],
  [
    'a payout failed',
    event('promptflow.payout.failed.v1', {
      creatorId: 'c-1',
      payoutId: 'p',
      amount: '10000',
      reason: 'returned',
    }),
    'payout_failed',
    { payoutId: 'p', amount: '10000', reason: 'returned' },
  ],
])('%s', (_name, given, kind, data) => {
  const userId = 'creatorId' in given.data && !('userId' in given.data) ? 'c-1' : 'u-1';
  expect(meaningOf(given)).toEqual({
    notes: [{ id: idOf('event', 'e-1', userId, kind), kind, userId, at: Date.parse(AT), data }],
  });
});

test('a flow sold is told at once and counted for the day', () => {
  const { notes, earnings } = meaningOf(paid({ source: 'flow' }));
  expect(notes).toMatchObject([{ kind: 'flow_sold', userId: 'c-1', data: { flowId: 'f-1', amount: '80' } }]);
  expect(earnings).toEqual({
    id: idOf('creator-day', 'c-1', '2026-11-20'),
    userId: 'c-1',
    day: '2026-11-20',
    at: Date.parse('2026-11-20T00:00:00Z'),
    earned: 80n,
    runs: 0,
    flows: 1,
    reversed: 0n,
    refunds: 0,
  });
});

test('runs are only counted for the day, and refunds beside them', () => {
  const run = meaningOf(paid({ source: 'prompt' }));
  expect(run).toMatchObject({ notes: [], earnings: { earned: 80n, runs: 1, flows: 0 } });
  const refund = meaningOf(
    event('promptflow.creator.earnings_reversed.v1', {
      creatorId: 'c-1',
      amount: '30',
      source: 'prompt_refund',
    }),
  );
  expect(refund).toMatchObject({
    notes: [],
    earnings: { id: run.earnings!.id, earned: 0n, reversed: 30n, refunds: 1 },
  });
});

test('balances taken over from another system are no news', () => {
  expect(meaningOf(added({ origin: 'legacy' }))).toEqual({ notes: [] });
});

test('other events mean nothing for people', () => {
  const told = new Set([
    'promptflow.balance.threshold_crossed.v1',
    'promptflow.credits.added.v1',
    'promptflow.plan.changed.v1',
    'promptflow.flow.unlocked.v1',
    'promptflow.creator.paid.v1',
    'promptflow.creator.earnings_reversed.v1',
    'promptflow.payout.sent.v1',
    'promptflow.payout.failed.v1',
  ]);
  const others = PUBLIC_EVENT_TYPES.filter((type) => !told.has(type));
  expect(others.length).toBeGreaterThan(10);
  for (const type of others) expect([type, meaningOf(event(type, {}))]).toEqual([type, { notes: [] }]);
});

test('an id is a UUID that follows from its words, kept apart', () => {
  expect(idOf('a', 'bc')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(idOf('a', 'bc')).toBe(idOf('a', 'bc'));
  expect(idOf('a', 'bc')).not.toBe(idOf('ab', 'c'));
});
