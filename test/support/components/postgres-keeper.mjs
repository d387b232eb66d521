// Runs beside a test run and cleans up after it, also when the run was killed: when the process it watches is gone, or
// when told to (SIGTERM), it stops the Postgres server of the run, drops the run's databases on a server that was
// given by address, and removes the run's folder.
// Arguments: <pid to watch> <run folder> <prefix of the run's databases> [url of the given server]
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

const POLL_MS = 250;
const STOP_PATIENCE_MS = 10_000;
const [watched, folder, prefix, url] = process.argv.slice(2);

let told = false;
process.on('SIGTERM', () => (told = true));
process.on('SIGINT', () => undefined);
process.on('SIGHUP', () => undefined);
process.send?.('watching');
process.disconnect?.();

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function postmasterPid() {
  try {
    return Number.parseInt(readFileSync(join(folder, 'postgres', 'postmaster.pid'), 'utf8'), 10);
  } catch {
    return undefined;
  }
}

async function stopServer() {
  const pid = postmasterPid();
  if (!pid) return;
  // Immediate mode: what the server holds is thrown away in the next step.
  for (const signal of ['SIGQUIT', 'SIGKILL']) {
    if (!isAlive(pid)) return;
    process.kill(pid, signal);
    for (let waited = 0; isAlive(pid) && waited < STOP_PATIENCE_MS; waited += 10) await sleep(10);
  }
}

async function dropDatabases() {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  const { rows } = await client.query('select datname from pg_database where starts_with(datname, $1)', [
    prefix,
  ]);
  for (const { datname } of rows) await client.query(`drop database if exists "${datname}" with (force)`);
  await client.end();
}

while (!told && isAlive(Number(watched))) await sleep(POLL_MS);
if (url)
  await dropDatabases().catch((error) => console.error(`[test] Databases ${prefix}* stay: ${error.message}`));
await stopServer();
rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
