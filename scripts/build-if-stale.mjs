// Builds dist/ when a source is newer than the last build, and says so in one line.
// As a module: `await buildIfStale()`. By itself: `node scripts/build-if-stale.mjs`.
import { spawn } from 'node:child_process';
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { stripVTControlCharacters } from 'node:util';

const ROOT = join(import.meta.dirname, '..');
const DIST = join(ROOT, 'dist');
const STAMP = join(DIST, '.built');
const LOCK = join(DIST, '.building');
const FOLDERS = ['apps', 'libs', 'projections', 'test'];
const FILES = ['package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json', 'nest-cli.json'];
const SOURCE = /\.(ts|sql|json)$/;
const POLL_MS = 100;
const WAIT_MS = 5 * 60 * 1000;

/** Newest change below the source folders, in milliseconds; a folder's own time tells of files that went away. */
function newestSource() {
  let newest = 0;
  const see = (path) => {
    newest = Math.max(newest, statSync(path).mtimeMs);
  };
  const walk = (folder) => {
    see(folder);
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) walk(path);
      else if (SOURCE.test(entry.name)) see(path);
    }
  };
  for (const folder of FOLDERS)
    if (statSync(join(ROOT, folder), { throwIfNoEntry: false })) walk(join(ROOT, folder));
  for (const file of FILES) see(join(ROOT, file));
  return newest;
}

function isFresh(newest) {
  try {
    return Number(readFileSync(STAMP, 'utf8')) >= newest;
  } catch {
    return false;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** One build at a time; a lock whose owner is gone is taken over. */
async function lock() {
  mkdirSync(DIST, { recursive: true });
  for (let waited = 0; waited < WAIT_MS; waited += POLL_MS) {
    try {
      const file = openSync(LOCK, 'wx');
      writeFileSync(file, String(process.pid));
      closeSync(file);
      return;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const owner = Number(readFileSync(LOCK, 'utf8').trim() || 'NaN');
    if (Number.isInteger(owner) && !isAlive(owner)) rmSync(LOCK, { force: true });
    else await sleep(POLL_MS);
  }
  throw new Error(
    `Another build has not ended within ${WAIT_MS / 60_000} minutes. If none is running, remove ${LOCK}.`,
  );
}

function build() {
  return new Promise((resolve, reject) => {
    const nest = join(ROOT, 'node_modules', '@nestjs', 'cli', 'bin', 'nest.js');
    // Standard output belongs to the program that is built, for example to `--json`.
    const child = spawn(process.execPath, [nest, 'build'], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0
        ? resolve()
        : reject(new Error(`The build failed:\n${stripVTControlCharacters(output).trim()}`)),
    );
  });
}

/** Says what it does on standard error; silent when there is nothing to do and `quiet` is set. */
export async function buildIfStale({ quiet = true } = {}) {
  if (isFresh(newestSource())) {
    if (!quiet) console.error('dist/ is up to date');
    return;
  }
  await lock();
  try {
    const newest = newestSource();
    // Another process may have built while this one waited.
    if (isFresh(newest)) return;
    const started = performance.now();
    rmSync(STAMP, { force: true });
    await build();
    // The time of the sources as they were before the build: what changed meanwhile is built the next time.
    writeFileSync(STAMP, String(newest));
    console.error(`Built dist/ in ${((performance.now() - started) / 1000).toFixed(1)} s`);
  } finally {
    rmSync(LOCK, { force: true });
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await buildIfStale({ quiet: false });
}
