import { RoleWatch } from './role-watch.js';

const answerOf = async (watch: RoleWatch): Promise<object | undefined> => (await watch.ask()).get('relay');

test('a role starts, works, fails and works again', async () => {
  const watch = new RoleWatch();
  expect((await watch.ask()).size).toBe(0);
  const { onHealth } = watch.monitor('relay');
  expect(await answerOf(watch)).toEqual({ state: 'starting' });
  onHealth(() => ({ state: 'working' }));
  expect(await answerOf(watch)).toEqual({ state: 'working' });

  watch.ended('relay', new Error('the broker is away'));
  expect(await answerOf(watch)).toEqual({
    state: 'failing',
    problems: ['it has ended and is started again: the broker is away'],
  });
  watch.monitor('relay').onHealth(async () => ({ state: 'standby' }));
  expect(await answerOf(watch)).toEqual({ state: 'standby' });
});

test('a role that cannot say how it is doing, or not in time, is failing; the others answer', async () => {
  const watch = new RoleWatch();
  watch.monitor('relay').onHealth(() => {
    throw new Error('no connection');
  });
  watch.monitor('sweeper').onHealth(() => new Promise(() => undefined));
  watch.monitor('projector').onHealth(() => ({ state: 'working' }));
  const health = await watch.ask();
  expect(health.get('relay')?.problems).toEqual(['it cannot say how it is doing: no connection']);
  expect(health.get('sweeper')?.problems).toEqual(['it did not say within 1500 ms how it is doing']);
  expect(health.get('projector')).toEqual({ state: 'working' });
});

test('the metrics of roles say who runs, who leads and how often one was started again', async () => {
  const watch = new RoleWatch();
  watch.monitor('relay').onHealth(() => ({ state: 'standby' }));
  watch.monitor('sweeper').onHealth(() => ({ state: 'working' }));
  watch.monitor('projector');
  watch.ended('projector', new Error('gone'));
  const text = await watch.metrics.registry.metrics();
  expect(text.split('\n').filter((line) => line.startsWith('ledger_'))).toEqual([
    'ledger_role_running{role="relay"} 1',
    'ledger_role_running{role="sweeper"} 1',
    'ledger_role_running{role="projector"} 0',
    'ledger_role_leading{role="relay"} 0',
    'ledger_role_leading{role="sweeper"} 1',
    'ledger_role_leading{role="projector"} 0',
    'ledger_role_restarts_total{role="relay"} 0',
    'ledger_role_restarts_total{role="sweeper"} 0',
    'ledger_role_restarts_total{role="projector"} 1',
  ]);
});
