import { Metrics } from './metrics.js';

test('the same name gives the same metric, with the newest way to read it', async () => {
  const metrics = new Metrics();
  const told = { name: 'ledger_things', help: 'Things.', labels: ['kind'] } as const;
  metrics.gauge({ ...told, read: () => [{ labels: { kind: 'old' }, value: 1 }] });
  metrics.gauge({ ...told, read: async () => [{ labels: { kind: 'new' }, value: 2 }] });
  const text = await metrics.registry.metrics();
  expect(text).toContain('ledger_things{kind="new"} 2');
  expect(text).not.toContain('kind="old"');
  expect(() => metrics.counter({ ...told })).toThrow(/ledger_things exists already as one of another kind/);
});

test('a total that is read is shown as it is, however often it is asked for', async () => {
  const metrics = new Metrics();
  let handled = 3;
  metrics.counter({ name: 'ledger_handled_total', help: 'Handled.', read: () => [{ value: handled }] });
  await metrics.registry.metrics();
  handled = 5;
  expect(await metrics.registry.metrics()).toContain('ledger_handled_total 5');
});

test('a figure that cannot be had does not take the others with it', async () => {
  const metrics = new Metrics();
  metrics.gauge({
    name: 'ledger_broken',
    help: 'Broken.',
    read: () => {
      throw new Error('no database');
    },
  });
  metrics.counter({ name: 'ledger_whole_total', help: 'Whole.' }).inc();
  const text = await metrics.registry.metrics();
  expect(text).toContain('ledger_whole_total 1');
  expect(text).not.toMatch(/^ledger_broken/m);
});

test('parts of the program that share a metric each replace their own values alone', async () => {
  const metrics = new Metrics();
  const told = { name: 'ledger_lag', help: 'Lag.', labels: ['consumer'] } as const;
  const one = (consumer: string, value: number) =>
    metrics.gauge({ ...told, of: consumer, read: () => [{ labels: { consumer }, value }] });
  one('payouts', 1);
  one('notifications', 2);
  one('payouts', 3);
  const lines = (await metrics.registry.metrics()).split('\n').filter((line) => line.startsWith('ledger_'));
  expect(lines).toEqual(['ledger_lag{consumer="payouts"} 3', 'ledger_lag{consumer="notifications"} 2']);
});
