import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Kafka, logLevel } from 'kafkajs';
import { freePort } from '../free-port.js';
import { COMPONENTS, markOf, type TestRun } from '../test-run.js';
import type { KafkaJars } from './jars.js';

const START_PATIENCE_MS = 90_000;
const STOP_PATIENCE_MS = 30_000;
const POLL_MS = 50;
const START_TRIES = 3;
const CLUSTER_ID_BYTES = 16;
const NODE = '1';

export interface OwnKafka {
  /** `host:port`, the same after a restart. */
  readonly brokers: readonly string[];
  readonly pid: number;
  /** SIGKILL, and waits for the end. What it has answered survives: it was handed to the system. */
  kill(): Promise<void>;
  /** SIGTERM, and waits for the end. */
  stop(): Promise<void>;
  /** Starts it again on its data and waits until it answers. */
  start(): Promise<void>;
  /** Stops cleanly and starts. */
  restart(): Promise<void>;
}

export interface BrokerPlace {
  readonly run: TestRun;
  readonly jars: KafkaJars;
  /** Made by this, below the run's folder. */
  readonly folder: string;
}

/** One node that is broker and controller, on a free port of the loopback. Killed by the run's keeper at the latest. */
export async function startBroker(place: BrokerPlace): Promise<OwnKafka> {
  for (let tried = 1; ; tried++) {
    const folder = `${place.folder}-${tried}`;
    const port = await formatNode({ ...place, folder });
    const broker = new Broker({ ...place, folder }, port);
    try {
      await broker.start();
      return broker;
    } catch (error) {
      // Another program may have taken a port between our look and the broker's own.
      if (tried === START_TRIES) throw error;
    }
  }
}

class Broker implements OwnKafka {
  readonly brokers: readonly string[];
  private child: ChildProcess | undefined;

  constructor(
    private readonly place: BrokerPlace,
    private readonly port: number,
  ) {
    this.brokers = [`127.0.0.1:${port}`];
  }

  get pid(): number {
    if (this.child?.pid === undefined) throw new Error('The broker has not been started.');
    return this.child.pid;
  }

  async start(): Promise<void> {
    const { run, jars, folder } = this.place;
    const output = openSync(join(folder, 'broker.log'), 'a');
    this.child = spawn(
      jars.java,
      [...javaOptions(run), '-cp', jars.classPath, 'kafka.Kafka', join(folder, 'server.properties')],
      { detached: true, stdio: ['ignore', output, output] },
    );
    closeSync(output);
    this.child.unref();
    if (this.child.pid === undefined) throw new Error(`${jars.java} could not be started.`);
    await this.ready(this.child);
  }

  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  async stop(): Promise<void> {
    const late = setTimeout(() => this.child?.kill('SIGKILL'), STOP_PATIENCE_MS);
    await this.end('SIGTERM');
    clearTimeout(late);
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.ref();
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }

  private async ready(child: ChildProcess): Promise<void> {
    const deadline = performance.now() + START_PATIENCE_MS;
    while (!(await isListening(this.port)) || !(await answers(this.brokers))) {
      const ended = child.exitCode !== null || child.signalCode !== null;
      if (ended || performance.now() > deadline) {
        child.kill('SIGKILL');
        const said = await readFile(join(this.place.folder, 'broker.log'), 'utf8');
        throw new Error(`The broker ${ended ? 'ended' : 'did not answer in time'}:\n${said.slice(-2_000)}`);
      }
      await sleep(POLL_MS);
    }
  }
}

/** Small, quick to start, and named after the run, by which its keeper recognises it. */
function javaOptions(run: TestRun): string[] {
  return [
    '-Xmx512m',
    '-XX:+UseSerialGC',
    '-XX:TieredStopAtLevel=1',
    `-Dlog4j2.configurationFile=file:${join(COMPONENTS, 'kafka', 'log4j2.properties')}`,
    `-D${markOf(run)}`,
  ];
}

/** Writes the node's configuration and formats its storage; the port that clients use. */
async function formatNode({ run, jars, folder }: BrokerPlace): Promise<number> {
  const [port, controllerPort] = [await freePort(), await freePort()];
  await mkdir(join(folder, 'data'), { recursive: true });
  const properties = join(folder, 'server.properties');
  await writeFile(properties, nodeProperties({ port, controllerPort, folder }));
  const clusterId = randomBytes(CLUSTER_ID_BYTES).toString('base64url');
  await promisify(execFile)(jars.java, [
    ...javaOptions(run),
    '-cp',
    jars.classPath,
    'kafka.tools.StorageTool',
    'format',
    // Attached to its option: an id may begin with a dash.
    `--cluster-id=${clusterId}`,
    '-c',
    properties,
  ]);
  return port;
}

interface NodeAddress {
  readonly port: number;
  readonly controllerPort: number;
  readonly folder: string;
}

function nodeProperties({ port, controllerPort, folder }: NodeAddress): string {
  const settings = {
    'process.roles': 'broker,controller',
    'node.id': NODE,
    'controller.quorum.voters': `${NODE}@127.0.0.1:${controllerPort}`,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': join(folder, 'data'),
    // Topics are made by whoever owns them, with the partitions that its order needs.
    'auto.create.topics.enable': 'false',
    'default.replication.factor': '1',
    'offsets.topic.replication.factor': '1',
    'offsets.topic.num.partitions': '4',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'transaction.state.log.num.partitions': '1',
    'share.coordinator.state.topic.replication.factor': '1',
    'share.coordinator.state.topic.min.isr': '1',
    'group.initial.rebalance.delay.ms': '0',
    // A killed broker is let back in only when the controller has given its former self up.
    'broker.heartbeat.interval.ms': '500',
    'broker.session.timeout.ms': '3000',
    'log.index.size.max.bytes': '1048576',
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

async function answers(brokers: readonly string[]): Promise<boolean> {
  const admin = new Kafka({
    clientId: 'promptflow-test',
    brokers: [...brokers],
    logLevel: logLevel.NOTHING,
    retry: { retries: 0 },
  }).admin();
  try {
    await admin.connect();
    return (await admin.describeCluster()).brokers.length > 0;
  } catch {
    return false;
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
}
