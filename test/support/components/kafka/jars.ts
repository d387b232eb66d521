import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { COMPONENTS } from '../test-run.js';

const run = promisify(execFile);
const POM = join(COMPONENTS, 'kafka', 'pom.xml');
const JAVA_MIN = 17;
/** A first run fetches some 60 MB. */
const FETCH_PATIENCE_MS = 300_000;
const BROKER_JAR = /^kafka_2\.13-(.+)\.jar$/;

export interface KafkaJars {
  readonly java: string;
  readonly classPath: string;
  /** Of the broker. */
  readonly version: string;
}

/** Why there is no broker on this machine; the message says what to install. */
export class NoKafkaError extends Error {
  override readonly name = 'NoKafkaError';
}

/** The broker's jars and a Java to run them, fetched by Maven at the first call on a machine. @throws NoKafkaError */
export async function findKafkaJars(): Promise<KafkaJars> {
  const java = await findJava();
  const pom = await readFile(POM);
  const cacheFolder = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'promptflow-test');
  const key = createHash('sha256').update(pom).digest('hex').slice(0, 16);
  const cache = join(cacheFolder, `kafka-${key}.classpath`);
  const classPath = (await readCached(cache)) ?? (await fetchJars(cacheFolder, cache));
  const version = classPath
    .split(delimiter)
    .map((jar) => BROKER_JAR.exec(basename(jar))?.[1])
    .find((found) => found !== undefined);
  if (version === undefined) throw new NoKafkaError(`Maven gave no jar of the broker for ${POM}.`);
  return { java, classPath, version };
}

async function findJava(): Promise<string> {
  const home = process.env['JAVA_HOME'];
  const java = home === undefined ? 'java' : join(home, 'bin', 'java');
  const said = await run(java, ['-version']).catch(() => undefined);
  const major = Number(/version "(\d+)/.exec(said?.stderr ?? '')?.[1] ?? 0);
  if (major >= JAVA_MIN) return java;
  throw new NoKafkaError(
    `${said === undefined ? `"${java}" cannot be run` : `"${java}" is Java ${major}`}: install Java ${JAVA_MIN} or later (openjdk-17-jre-headless) and Maven, or give KAFKA_BROKERS.`,
  );
}

/** A class path whose jars are all still there. */
async function readCached(cache: string): Promise<string | undefined> {
  const text = await readFile(cache, 'utf8').catch(() => undefined);
  return text !== undefined && text.split(delimiter).every((jar) => existsSync(jar)) ? text : undefined;
}

async function fetchJars(folder: string, cache: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const fresh = `${cache}.${process.pid}`;
  await run(
    'mvn',
    [
      '-q',
      '-B',
      '-f',
      POM,
      'dependency:build-classpath',
      `-Dmdep.outputFile=${fresh}`,
      '-Dmdep.includeScope=runtime',
    ],
    { timeout: FETCH_PATIENCE_MS },
  ).catch((error: unknown) => {
    const { code, stdout = '', message } = error as NodeJS.ErrnoException & { stdout?: string };
    throw new NoKafkaError(
      code === 'ENOENT'
        ? '"mvn" cannot be run: install Maven, or give KAFKA_BROKERS.'
        : `Maven could not fetch the broker's jars: ${(stdout || message).trim().slice(0, 500)}`,
    );
  });
  const classPath = (await readFile(fresh, 'utf8')).trim();
  await writeFile(fresh, classPath);
  await rename(fresh, cache);
  return classPath;
}
