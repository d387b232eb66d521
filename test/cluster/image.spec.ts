import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { PROJECT_ROOT } from '#apps/cli/project-root.js';
import { createTestDatabase, type TestDatabase } from '#test/support/components/postgres.js';

const run = promisify(execFile);

const PROGRAMS = ['api', 'projector', 'settlement', 'relay', 'payout-worker', 'notification-worker'];
/** Nobody, in most systems: owns nothing. */
const STRANGER = 65_534;
const PASSABLE = 0o755;
const BUILD_MS = 300_000;
const READY_MS = 60_000;
const STOP_MS = 10_000;
const SECRET = 'a-signing-key-of-32-characters-x';

/** What the image is built from, as docker would take it: `.dockerignore` names all that it lets in. */
const CONTEXT = readFileSync(join(PROJECT_ROOT, '.dockerignore'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('!'))
  .map((line) => line.slice(1));

let folder: string;
let app: string;
let data: string;
let database: TestDatabase;
const running = new Set<ChildProcess>();

/** As the image's own user where this one may become another; read-only for it either way. */
const asStranger = process.getuid?.() === 0 ? { uid: STRANGER, gid: STRANGER } : {};

function environment(change: Readonly<Record<string, string>>): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '',
    NODE_ENV: 'production',
    DATABASE_URL: database.url,
    DATA_DIR: data,
    TMPDIR: data,
    HOME: '/nowhere',
    SIGNING_KEY: SECRET,
    PORT: '0',
    ...change,
  };
}

beforeAll(async () => {
  database = await createTestDatabase();
  folder = mkdtempSync(join(tmpdir(), 'promptflow-image-'));
  chmodSync(folder, PASSABLE);
  const source = join(folder, 'src');
  app = join(folder, 'app');
  data = join(folder, 'data');
  for (const each of [source, data]) mkdirSync(each);
  if ('uid' in asStranger) chownSync(data, STRANGER, STRANGER);
  for (const path of CONTEXT) {
    cpSync(join(PROJECT_ROOT, path), join(source, path), {
      recursive: true,
      filter: (from) => !from.includes(join('docker', 'secrets')),
    });
  }
  const stage = async (...args: string[]): Promise<void> => {
    const began = performance.now();
    await run('sh', [join('docker', 'stages.sh'), ...args], {
      cwd: source,
      maxBuffer: 64 * 1024 * 1024,
      // The suite's own loader is none of the build's business.
      env: { ...process.env, NODE_OPTIONS: '', NODE_ENV: '' },
    });
    console.log(`image stage ${args[0]}: ${((performance.now() - began) / 1000).toFixed(1)} s`);
  };
  await stage('install');
  await stage('build');
  await stage('collect', app);
  await stage('check', app);
  // As the image's layer is: nobody's to write.
  await run('chmod', ['-R', 'a-w', app]);
}, BUILD_MS);

afterAll(async () => {
  for (const child of running) child.kill('SIGKILL');
  await database?.drop();
  await run('chmod', ['-R', 'u+w', folder]);
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

async function freePort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return String(port);
}

interface Ended {
  readonly code: number | null;
  readonly said: string;
}

function start(
  args: readonly string[],
  env: Record<string, string>,
): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(process.execPath, [join(app, 'docker', 'start.mjs'), ...args], {
    cwd: app,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...asStranger,
  });
  running.add(child);
  let said = '';
  const listen = (chunk: Buffer): void => void (said += chunk.toString());
  child.stdout.on('data', listen);
  child.stderr.on('data', listen);
  const ended = once(child, 'close').then(([code]) => {
    running.delete(child);
    return { code: code as number | null, said };
  });
  return { child, ended };
}

/** The image's own health check; what it says when it fails. */
async function unhealthy(env: Record<string, string>, probe: 'live' | 'ready'): Promise<string | undefined> {
  return run(process.execPath, [join(app, 'docker', 'healthcheck.mjs'), probe], { env, ...asStranger }).then(
    () => undefined,
    (error: { readonly stdout: string; readonly stderr: string }) => error.stdout + error.stderr,
  );
}

test('the image holds what runs, without tests, the double and what only builds', () => {
  for (const path of [
    'dist/test',
    'apps',
    'test',
    'node_modules/jest',
    'node_modules/typescript',
    'docker/stages.sh',
  ]) {
    expect([path, existsSync(join(app, path))]).toEqual([path, false]);
  }
  for (const path of ['dist/apps/api/main.js', 'examples/usage-sample.csv', 'node_modules/pg', 'LICENSE']) {
    expect([path, existsSync(join(app, path))]).toEqual([path, true]);
  }
});

test.each(PROGRAMS)(
  '%s starts from it as a user that may write nothing but its data, is ready, and ends cleanly',
  async (program) => {
    const env = environment({ METRICS_PORT: await freePort() });
    expect(await unhealthy(env, 'live')).toContain('ECONNREFUSED');
    const { child, ended } = start([program], env);
    const gone = ended.then(({ code, said }) => {
      throw new Error(`${program} ended with ${code}:\n${said}`);
    });
    gone.catch(() => undefined);
    const ready = async (): Promise<void> => {
      const until = performance.now() + READY_MS;
      for (let why = await unhealthy(env, 'ready'); why !== undefined; why = await unhealthy(env, 'ready')) {
        if (performance.now() > until) throw new Error(`${program} is not ready: ${why}`);
        await sleep(100);
      }
    };
    await Promise.race([ready(), gone]);
    expect(await unhealthy(env, 'live')).toBeUndefined();
    const began = performance.now();
    child.kill('SIGTERM');
    expect((await ended).code).toBe(0);
    expect(performance.now() - began).toBeLessThan(STOP_MS);
  },
  READY_MS + STOP_MS,
);

test('the command line is in it', async () => {
  const { ended } = start(['ledger', '--help'], environment({}));
  const { code, said } = await ended;
  expect(said).toContain('rebuild');
  expect(code).toBe(0);
});

test('a program that there is not is named, with those that there are', async () => {
  const programs = readdirSync(join(PROJECT_ROOT, 'apps')).filter(
    (name) => name !== 'cli' && existsSync(join(PROJECT_ROOT, 'apps', name, 'main.ts')),
  );
  const { code, said } = await start(['projectr'], environment({})).ended;
  expect(said).toBe(
    `There is no program "projectr": give one of ${programs.join(', ')}, or ledger with a command.\n`,
  );
  expect(code).toBe(2);
});
