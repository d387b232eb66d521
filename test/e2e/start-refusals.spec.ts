import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { withDataDir } from '#test/load/ledger-command.js';
import { startLedgerProcess } from '#test/support/ledger-process.js';
import { buildProgram } from '#test/support/build.js';
import { PROJECT_ROOT } from '#apps/cli/project-root.js';

const APPS = join(PROJECT_ROOT, 'dist', 'apps');
const PATIENCE_MS = 20_000;

/** Runs a program until it ends; its exit code and what it said on standard error. */
async function start(
  env: Readonly<Record<string, string>>,
  program = 'engine',
): Promise<{ code: number; said: string }> {
  return new Promise((done) => {
    const child = execFile(
      process.execPath,
      [join(APPS, program, 'main.js')],
      {
        env: { PATH: process.env['PATH'] ?? '', LOG_LEVEL: 'silent', ...env },
        timeout: PATIENCE_MS,
        killSignal: 'SIGKILL',
      },
      (_error, _stdout, said) => done({ code: child.exitCode ?? -1, said }),
    );
  });
}

describe('a start that cannot be names the variable and the way out, without a stack', () => {
  beforeAll(() => buildProgram(), 60_000);

  test(
    'PORT in use',
    () =>
      withDataDir(async (DATA_DIR) => {
        const taken = createServer().listen(0, '127.0.0.1');
        await new Promise((done) => taken.once('listening', done));
        const { port } = taken.address() as { port: number };
        const { code, said } = await start({ DATA_DIR, PORT: String(port) });
        await new Promise((done) => taken.close(done));
        expect(code).toBe(2);
        expect(said).toMatch(/^PORT: 127\.0\.0\.1:\d+ is in use .* set PORT to another port/);
        expect(said).not.toContain('    at ');
      }),
    40_000,
  );

  test('DATABASE_URL that nobody answers, its password not shown', async () => {
    const url = 'postgres://nobody:hidden-word@127.0.0.1:1/ledger';
    const { code, said } = await start({ DATABASE_URL: url, PORT: '0' });
    expect(code).toBe(2);
    expect(said).toMatch(/^DATABASE_URL: the Postgres at nobody@127\.0\.0\.1:1\/ledger cannot be used/);
    expect(said).not.toMatch(/hidden-word| {4}at /);
  }, 40_000);

  test('DATA_DIR where nothing can be made', async () => {
    const { code, said } = await start({ DATA_DIR: '/proc/nowhere/data', PORT: '0' });
    expect(code).toBe(2);
    expect(said).toMatch(/^The data folder \/proc\/nowhere\/data cannot be made .* set DATA_DIR/);
  }, 40_000);

  test('METRICS_PORT in use', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((done) => taken.once('listening', done));
    const { port } = taken.address() as { port: number };
    const { code, said } = await start({ METRICS_PORT: String(port) }, 'projector');
    await new Promise((done) => taken.close(done));
    expect(code).toBe(2);
    expect(said).toMatch(
      /^METRICS_PORT, METRICS_HOST: 127\.0\.0\.1:\d+ cannot be listened on \(EADDRINUSE\)\. Set METRICS_PORT/,
    );
    expect(said).not.toContain('    at ');
  }, 40_000);

  test('ROLES that the program does not run', async () => {
    const { code, said } = await start({ ROLES: 'api,relay' }, 'relay');
    expect(code).toBe(2);
    expect(said).toMatch(
      /ROLES: "api,relay" was given, but the program relay runs relay and not api\. Unset ROLES/,
    );
  }, 40_000);

  test(
    'a second program on the DATA_DIR of one that runs, instead of a Postgres for both',
    () =>
      withDataDir(async (DATA_DIR) => {
        const first = await startLedgerProcess({ DATA_DIR, ROLES: 'api' });
        const { code, said } = await start({ DATA_DIR }, 'projector');
        expect(await first.stop()).toBe(0);
        expect(code).toBe(2);
        expect(said).toMatch(
          /^The data folder .* is in use by the engine with pid \d+ at http.*same DATABASE_URL\./,
        );
      }),
    60_000,
  );
});
