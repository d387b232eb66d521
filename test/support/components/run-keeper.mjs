// Runs beside a test run and cleans up after it, also when the run was killed: when the process it watches is gone, or
// when told to (SIGTERM), it stops the Postgres server of the run and the processes marked as its own, drops the run's
// databases and topics on servers that were given by address, and removes the run's folder.
// Arguments: <pid to watch> <run folder> <prefix of the run's databases>
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 250;
const STOP_PATIENCE_MS = 10_000;
/** A worker of a killed run may be starting something at this very moment. */
const LATE_START_MS = 2_000;
const [watched, folder, prefix] = process.argv.slice(2);
const MARK = `promptflow.test.run=${folder}`;

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

async function stop(pid, signals) {
  for (const signal of signals) {
    if (!isAlive(pid)) return;
    process.kill(pid, signal);
    for (let waited = 0; isAlive(pid) && waited < STOP_PATIENCE_MS; waited += 10) await sleep(10);
  }
}

async function stopServer() {
  const pid = postmasterPid();
  // Immediate mode: what the server holds is thrown away in the next step.
  if (pid) await stop(pid, ['SIGQUIT', 'SIGKILL']);
}

/** Processes whose command line names the run as theirs. */
function marked() {
  if (!existsSync('/proc/self/cmdline')) {
    const lines = execFileSync('ps', ['-axo', 'pid=,command='], { encoding: 'utf8' }).split('\n');
    return lines.filter((line) => line.includes(MARK)).map((line) => Number.parseInt(line, 10));
  }
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && commandOf(pid).includes(MARK));
}

function commandOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

async function stopMarked() {
  await Promise.all(marked().map((pid) => stop(pid, ['SIGKILL'])));
}

/** Whether the run has used a component and found it under an address given by a variable. */
function isGiven(component, variable) {
  return process.env[variable] !== undefined && existsSync(join(folder, `${component}.json`));
}

async function dropDatabases() {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: process.env.DATABASE_URL });
  client.on('error', () => undefined);
  await client.connect();
  const { rows } = await client.query('select datname from pg_database where starts_with(datname, $1)', [
    prefix,
  ]);
  for (const { datname } of rows) await client.query(`drop database if exists "${datname}" with (force)`);
  await client.end();
}

async function deleteTopics() {
  const { Kafka, logLevel } = (await import('kafkajs')).default;
  const admin = new Kafka({
    clientId: 'promptflow-test-keeper',
    brokers: process.env.KAFKA_BROKERS.split(','),
    logLevel: logLevel.NOTHING,
  }).admin();
  await admin.connect();
  const topicPrefix = prefix.replaceAll('_', '-');
  const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(topicPrefix));
  if (topics.length > 0) await admin.deleteTopics({ topics });
  const { groups } = await admin.listGroups();
  const ours = groups.map(({ groupId }) => groupId).filter((group) => group.startsWith(topicPrefix));
  if (ours.length > 0) await admin.deleteGroups(ours);
  await admin.disconnect();
}

while (!told && isAlive(Number(watched))) await sleep(POLL_MS);
if (isGiven('server', 'DATABASE_URL'))
  await dropDatabases().catch((error) => console.error(`[test] Databases ${prefix}* stay: ${error.message}`));
if (isGiven('kafka', 'KAFKA_BROKERS'))
  await deleteTopics().catch((error) =>
    console.error(`[test] Topics ${prefix.replaceAll('_', '-')}* stay: ${error.message}`),
  );
await stopServer();
await stopMarked();
if (!told) {
  await sleep(LATE_START_MS);
  await stopServer();
  await stopMarked();
}
rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
