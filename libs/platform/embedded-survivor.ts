import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { commandLine } from './engine-lock.js';
import {
  isAlive,
  type PostmasterFile,
  readPostmasterFile,
  type RunOptions,
  serverArguments,
  stopCluster,
} from './postgres-cluster.js';

/**
 * Deals with what a killed engine leaves behind in its data folder:
 * - a Postgres that still runs as this program would start it is returned, to be used on
 * - one that runs otherwise (other settings, other binaries, still starting) is stopped in fast mode
 * - a `postmaster.pid` whose pid belongs to some other program by now is made harmless
 */
export async function adoptOrStop(
  run: RunOptions,
  log: (message: string) => void,
): Promise<PostmasterFile | undefined> {
  const file = await readPostmasterFile(run.dataDirectory);
  if (file === undefined || !isAlive(file.pid)) return undefined;
  if (!(await isPostgresOf(run.dataDirectory, file.pid))) {
    await disownPid(run.dataDirectory);
    return undefined;
  }
  if (file.status === 'ready' && (await runsAsWanted(run, file))) {
    log(`Postgres (pid ${file.pid}) outlived its engine and is used on`);
    return file;
  }
  log(`Postgres (pid ${file.pid}) outlived its engine; stopping it first`);
  await stopCluster(run, file.pid);
  return undefined;
}

/** When the system does not tell, the safe answer is yes: Postgres then refuses a second start by itself. */
async function isPostgresOf(dataDirectory: string, pid: number): Promise<boolean> {
  const command = commandLine(pid);
  return command === undefined || command === '' || command.includes(dataDirectory);
}

/** `postmaster.opts` holds the command line of the running server. */
async function runsAsWanted(run: RunOptions, file: PostmasterFile): Promise<boolean> {
  const wanted = [
    run.binaries.postgres,
    ...serverArguments({ ...run, port: file.port }).map((each) => `"${each}"`),
  ];
  const given = await readFile(join(run.dataDirectory, 'postmaster.opts'), 'utf8').catch(() => '');
  return given.trim() === wanted.join(' ');
}

/**
 * Postgres takes a lock file that names its own parent for a stale one, and still checks that no server process
 * uses the shared memory that the file names. So this is safer than to remove the file.
 */
async function disownPid(dataDirectory: string): Promise<void> {
  const path = join(dataDirectory, 'postmaster.pid');
  const lines = (await readFile(path, 'utf8')).split('\n');
  await writeFile(path, [String(process.pid), ...lines.slice(1)].join('\n'));
}
