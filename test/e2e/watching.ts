import { setTimeout as sleep } from 'node:timers/promises';
import { get } from '#test/support/http.js';
import type { LedgerProcess } from '#test/support/ledger-process.js';

/** What a process serves on METRICS_PORT; it takes a free one. */
export const WATCHED = { METRICS_PORT: '0' } as const;

const READY_PATIENCE_MS = 30_000;
const POLL_MS = 50;

export interface ReadyBody {
  readonly status: string;
  readonly problems: readonly string[];
  readonly notes: readonly string[];
  readonly roles: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export async function readiness(
  process: LedgerProcess,
): Promise<{ readonly status: number; readonly body: ReadyBody }> {
  const { status, body } = await get(process.metricsUrl, '/health/ready');
  return { status, body: body as unknown as ReadyBody };
}

/** Waits until the condition holds; throws with what was seen last. */
export async function until<T>(ask: () => Promise<T>, holds: (answer: T) => boolean): Promise<T> {
  for (let waited = 0; ; waited += POLL_MS) {
    const answer = await ask();
    if (holds(answer)) return answer;
    if (waited >= READY_PATIENCE_MS) throw new Error(`Still ${JSON.stringify(answer)}`);
    await sleep(POLL_MS);
  }
}

export const untilReady = (
  process: LedgerProcess,
): Promise<{ readonly status: number; readonly body: ReadyBody }> =>
  until(
    () => readiness(process),
    ({ status }) => status === 200,
  );

/** One line of Prometheus' text. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const LINE = /^([a-z_A-Z0-9]+)(?:\{(.*)\})? (\S+)$/;

export async function scrape(process: LedgerProcess): Promise<readonly Sample[]> {
  const response = await fetch(`${process.metricsUrl}/metrics`);
  if (response.status !== 200) throw new Error(`/metrics answered ${response.status}`);
  const text = await response.text();
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const match = LINE.exec(line);
      if (match === null) throw new Error(`No line of Prometheus' text format: ${line}`);
      const labels = [...(match[2] ?? '').matchAll(/([a-z_A-Z0-9]+)="((?:[^"\\]|\\.)*)"/g)];
      return {
        name: match[1]!,
        labels: Object.fromEntries(labels.map(([, name, value]) => [name!, value!])),
        value: Number(match[3]),
      };
    });
}

/** The value of the one sample that has the name and these labels. */
export function valueOf(
  samples: readonly Sample[],
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined {
  const found = samples.filter(
    (sample) =>
      sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
  );
  if (found.length > 1) throw new Error(`${found.length} samples of ${name} have ${JSON.stringify(labels)}`);
  return found[0]?.value;
}
