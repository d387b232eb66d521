import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EmbeddedPostgresError } from './postgres-binaries.js';
import { isAlive } from './postgres-cluster.js';

const PRIVATE_FILE = 0o600;
const START_TIME_FIELD = 19;

/** Who runs the engine on a data folder, as written in `engine.json`. */
export interface EngineRecord {
  readonly pid: number;
  /** Tells this process from a later one with the same pid. */
  readonly processStart: string;
  readonly startedAt: string;
  /** Of the embedded Postgres, once it runs. */
  readonly postgres?: { readonly pid: number; readonly port: number; readonly socketDirectory: string };
  /** Address of the HTTP interface, once it listens. */
  readonly apiUrl?: string;
}

/** Another engine holds the data folder. */
export class EngineRunningError extends EmbeddedPostgresError {
  override readonly name = 'EngineRunningError';
  constructor(
    readonly dataDir: string,
    readonly holder: EngineRecord,
  ) {
    super(
      `The data folder ${dataDir} is in use by the engine with pid ${holder.pid}` +
        (holder.apiUrl === undefined
          ? ' (still starting, or without HTTP interface)'
          : ` at ${holder.apiUrl}`) +
        '. Use that one, stop it first, or set DATA_DIR to another folder. ' +
        'Several processes of one ledger need a Postgres that all of them reach: give each the same DATABASE_URL.',
    );
  }
}

export interface EngineLock {
  /** Adds what became known to the record. */
  update(change: Partial<Pick<EngineRecord, 'postgres' | 'apiUrl'>>): Promise<void>;
  /** @throws EngineRunningError when another process holds the folder after all. */
  assertHeld(): Promise<void>;
  release(): Promise<void>;
}

const fileOf = (dataDir: string): string => join(dataDir, 'engine.json');

/**
 * Takes the data folder for this process. A record whose process is gone (or whose pid belongs to another process by
 * now) is taken over.
 * @throws EngineRunningError
 */
export async function lockEngine(dataDir: string): Promise<EngineLock> {
  const file = fileOf(dataDir);
  const mine = `${file}.${process.pid}`;
  let record: EngineRecord = {
    pid: process.pid,
    processStart: processStart(process.pid) ?? '',
    startedAt: new Date().toISOString(),
  };
  const write = (): Promise<void> => writeFile(mine, JSON.stringify(record), { mode: PRIVATE_FILE });
  await writeFirst(dataDir, write);
  try {
    while (!(await tryLink(mine, file))) await removeIfStale(dataDir, file);
  } finally {
    await rm(mine, { force: true });
  }
  return {
    async update(change) {
      record = { ...record, ...change };
      await write();
      await rename(mine, file);
    },
    async assertHeld() {
      const held = await readRecord(file);
      if (held !== undefined && held.pid !== record.pid) throw new EngineRunningError(dataDir, held);
    },
    async release() {
      if ((await readRecord(file))?.pid === record.pid) await rm(file, { force: true });
    },
  };
}

async function writeFirst(dataDir: string, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (cause) {
    throw new EmbeddedPostgresError(
      `The data folder ${dataDir} cannot be written by this user (${cause instanceof Error ? cause.message : String(cause)}): start as the user it belongs to, or set DATA_DIR to another folder.`,
      { cause },
    );
  }
}

/** The engine that runs on a data folder now; undefined when none does. */
export async function findEngine(dataDir: string): Promise<EngineRecord | undefined> {
  const record = await readRecord(fileOf(dataDir));
  return record && isRunning(record) ? record : undefined;
}

/** A hard link appears with its content in one step, and only if the name is free. */
async function tryLink(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function removeIfStale(dataDir: string, file: string): Promise<void> {
  const seen = await readText(file);
  if (seen === undefined) return;
  const holder = parse(seen);
  if (holder && isRunning(holder)) throw new EngineRunningError(dataDir, holder);
  // Renaming first: of several that found it stale, one gets it, and it may turn out to be a newer one.
  const aside = `${file}.stale-${process.pid}`;
  try {
    await rename(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if ((await readText(aside)) !== seen) await tryLink(aside, file);
  await rm(aside, { force: true });
}

async function readText(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function readRecord(file: string): Promise<EngineRecord | undefined> {
  const text = await readText(file);
  return text === undefined ? undefined : parse(text);
}

/** A file cut short by a power failure counts as stale. */
function parse(text: string): EngineRecord | undefined {
  try {
    const record = JSON.parse(text) as EngineRecord | null;
    return Number.isInteger(record?.pid) ? (record ?? undefined) : undefined;
  } catch {
    return undefined;
  }
}

function isRunning(record: EngineRecord): boolean {
  if (!isAlive(record.pid)) return false;
  const start = processStart(record.pid);
  return start === undefined || start === record.processStart;
}

/** When a process started, in whatever form the system tells it; undefined when it does not. */
function processStart(pid: number): string | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name in parentheses and may hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return `${boot}:${fields[START_TIME_FIELD] ?? ''}`;
  } catch {
    return askPs(pid, 'lstart=');
  }
}

/** Command line of a process; undefined when the system does not tell. */
export function commandLine(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return askPs(pid, 'command=');
  }
}

function askPs(pid: number, format: string): string | undefined {
  try {
    return (
      execFileSync('ps', ['-o', format, '-p', String(pid)], { encoding: 'utf8', stdio: 'pipe' }).trim() ||
      undefined
    );
  } catch {
    return undefined;
  }
}
