import { Metrics } from '#libs/platform/metrics/metrics.js';
import { ConsumerWatch, together } from './consumer-watch.js';
import { type ConsumerStatus, Tally } from './status.js';

const statusOf = (name: string, change: Partial<ConsumerStatus> = {}): ConsumerStatus => {
  const { state, handled, skipped, repeated, retried, parked, waiting, failures, lastError } = new Tally();
  const tally = { state, handled, skipped, repeated, retried, parked, waiting, failures, lastError };
  return { name, source: 'log', ...tally, lag: undefined, behindMs: 0, ...change };
};

test('two consumers of one process share the metrics, each with values of its own', async () => {
  const metrics = new Metrics();
  for (const [name, handled] of [
    ['payouts', 3],
    ['notifications', 5],
  ] as const) {
    new ConsumerWatch(metrics, name).onStarted(() =>
      statusOf(name, { handled, lag: { value: handled, unit: 'messages' } }),
    );
  }
  const text = await metrics.registry.metrics();
  expect(text).toContain('ledger_consumer_handled_total{consumer="payouts"} 3');
  expect(text).toContain('ledger_consumer_handled_total{consumer="notifications"} 5');
  expect(text).toContain('ledger_consumer_lag{consumer="payouts",unit="messages"} 3');
});

test('health names what holds a consumer up, and where to look for parked messages', () => {
  const watch = new ConsumerWatch(new Metrics(), 'payouts');
  expect(watch.health()).toEqual({ state: 'starting' });
  watch.onStarted(() =>
    statusOf('payouts', {
      state: 'failing',
      lastError: new Error('no broker'),
      waiting: { messages: 4, streams: 2 },
      lag: { value: 7, unit: 'messages' },
    }),
  );
  expect(watch.health()).toEqual({
    state: 'failing',
    problems: ['consumer payouts: no broker'],
    notes: ['4 messages of 2 streams are parked: see "ledger dlq list"'],
    details: { lag: '7 messages', behindMs: 0, parkedMessages: 4 },
  });
});

test('a role is as well as its worst part', () => {
  const parts = [
    { state: 'standby' as const, details: { lag: null } },
    { state: 'working' as const, notes: ['a note'], details: { transfers: 2 } },
  ];
  expect(together(parts)).toEqual({
    state: 'working',
    problems: [],
    notes: ['a note'],
    details: { lag: null, transfers: 2 },
  });
  expect(together([...parts, { state: 'failing', problems: ['a problem'] }])).toMatchObject({
    state: 'failing',
    problems: ['a problem'],
  });
});
