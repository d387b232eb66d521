import { loadConfig } from '#libs/platform/config.js';
import { createLogger } from '#libs/platform/logging.js';
import { ProcessWatch, type ThreadReport, type WatchedThread } from './process-watch.js';

const SILENT_MS = 61_000;
const log = createLogger({ level: 'silent', name: 'test' });
let watch: ProcessWatch;

beforeEach(async () => {
  const config = loadConfig({ METRICS_PORT: '0', ROLES: 'api,projector' });
  watch = new ProcessWatch({ config, log });
  await watch.listen();
  watch.main.monitor('api').onHealth(() => ({ state: 'working', notes: ['a note'] }));
});
afterEach(() => watch.stop());

const threadThat = (
  report: ThreadReport | undefined,
  answeredAt: number = performance.now(),
): WatchedThread => ({ report: async () => report, answeredAt });

async function ask(path: string): Promise<readonly [number, Record<string, unknown>]> {
  const response = await fetch(`${watch.url}${path}`);
  return [response.status, (await response.json()) as Record<string, unknown>];
}

const projector = (state: 'working' | 'standby' | 'stopped', problems: string[] = []): ThreadReport => ({
  metrics: [],
  roles: [['projector', { state, problems, details: { balances: 'live' } }]],
});

test('ready when every role works or stands by, and never while starting or stopping', async () => {
  watch.follow(threadThat(projector('standby')));
  expect(await ask('/health/ready')).toMatchObject([503, { problems: ['the process is starting'] }]);
  watch.started();
  expect(await ask('/health/ready')).toEqual([
    200,
    {
      status: 'ready',
      problems: [],
      notes: ['api: a note'],
      roles: { api: { state: 'working' }, projector: { state: 'standby', balances: 'live' } },
    },
  ]);
  watch.stopping();
  expect(await ask('/health/ready')).toMatchObject([503, { problems: ['the process is stopping'] }]);
});

test('a role that has stopped makes the process unready, with its reason', async () => {
  watch.follow(threadThat(projector('stopped', ['the log was replaced'])));
  watch.started();
  expect(await ask('/health/ready')).toMatchObject([503, { problems: ['projector: the log was replaced'] }]);
});

test('a thread that does not answer makes it unready at once, and dead after a minute', async () => {
  watch.follow(threadThat(undefined));
  watch.started();
  expect(await ask('/health/ready')).toMatchObject([
    503,
    { problems: ['projector: its thread does not answer'], roles: { api: { state: 'working' } } },
  ]);
  expect((await ask('/health/live'))[0]).toBe(200);
  watch.follow(threadThat(undefined, performance.now() - SILENT_MS));
  expect(await ask('/health/live')).toMatchObject([503, { status: 'hanging' }]);
});

test('its own metrics are shown also when the other thread does not answer', async () => {
  watch.follow(threadThat(undefined));
  const text = await (await fetch(`${watch.url}/metrics`)).text();
  expect(text).toMatch(/^ledger_build_info\{version="\d+\.\d+\.\d+",node="v\d+\.\d+\.\d+"\} 1$/m);
  expect(text).toContain('ledger_role_running{role="api"} 1');
});

test('metrics of both threads are added up where they are the same', async () => {
  watch.main.metrics.counter({ name: 'ledger_things_total', help: 'Things.' }).inc(2);
  const values = [{ value: 3, labels: {} }];
  const theirs = { name: 'ledger_things_total', help: 'Things.', type: 'counter', aggregator: 'sum', values };
  watch.follow(threadThat({ metrics: [theirs], roles: [] }));
  expect(await (await fetch(`${watch.url}/metrics`)).text()).toContain('ledger_things_total 5');
});

test('without METRICS_PORT nothing listens and nothing is measured', async () => {
  const quiet = new ProcessWatch({ config: loadConfig({}), log });
  await quiet.listen();
  expect(quiet.url).toBeUndefined();
  expect(await quiet.metrics()).not.toContain('process_cpu');
});
