import { fork, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findPostgresBinaries, postgresOsUser } from '#libs/platform/postgres-binaries.js';
import { initCluster, isAlive, makeFolder, PASSABLE, startCluster } from '#libs/platform/postgres-cluster.js';

test('a test run that is killed leaves neither Postgres nor folder behind, nor a process that carries its mark', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'promptflow-keeper-'));
  const run = spawn('sleep', ['60'], { stdio: 'ignore' });
  const endless = 'setInterval(() => undefined, 1000)';
  const marked = spawn(process.execPath, ['-e', endless, `promptflow.test.run=${folder}`], {
    stdio: 'ignore',
  });
  const keeper = fork(
    join(import.meta.dirname, '..', 'support', 'components', 'run-keeper.mjs'),
    [String(run.pid), folder, 'pft_none_'],
    {
      execArgv: [],
      env: { ...process.env, NODE_OPTIONS: '' },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    },
  );
  const keeperEnded = new Promise((resolve) => keeper.once('exit', resolve));
  try {
    const user = postgresOsUser();
    await makeFolder(folder, { mode: PASSABLE, owner: user });
    const place = { binaries: findPostgresBinaries(), user, dataDirectory: join(folder, 'postgres') };
    await initCluster(place, { password: 'x', sync: false });
    const server = await startCluster({
      ...place,
      socketDirectory: folder,
      port: 5432,
      logFile: join(folder, 'postgres.log'),
      settings: { shared_buffers: '16MB' },
    });
    await sleep(400);
    expect(isAlive(server.pid)).toBe(true);
    expect(marked.exitCode).toBeNull();

    run.kill('SIGKILL');
    expect(await keeperEnded).toBe(0);
    expect(isAlive(server.pid)).toBe(false);
    expect(existsSync(folder)).toBe(false);
    expect(marked.signalCode).toBe('SIGKILL');
  } finally {
    marked.kill('SIGKILL');
    run.kill('SIGKILL');
    keeper.kill('SIGTERM');
    await keeperEnded;
    rmSync(folder, { recursive: true, force: true });
  }
});
