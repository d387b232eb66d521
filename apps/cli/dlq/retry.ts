import { setTimeout as sleep } from 'node:timers/promises';
import type { ParkedMessages, ParkedStream } from '#libs/messaging/parked-messages.js';
import type { CommandContext } from '../context.js';
import { EXIT } from '../failure.js';
import { listText } from './texts.js';

const POLL_MS = 100;
const SECOND_MS = 1_000;

export interface RetryChoice {
  readonly consumer: string;
  /** Undefined: all of them. */
  readonly stream: string | undefined;
  /** How long to look on, seconds. */
  readonly waitSeconds: number;
  /** A worker that was started with this command may take a moment to say that it is there. */
  readonly isWorkerStarting: boolean;
}

/** Marks streams for another round, which the worker does, and tells what came of it as far as can be seen in time. */
export async function retry(
  parked: ParkedMessages,
  choice: RetryChoice,
  context: CommandContext,
): Promise<void> {
  const { stdout } = context;
  const marked = await parked.retry(choice);
  if (marked.streams === 0) {
    const of = choice.stream === undefined ? '' : ` in ${choice.stream}`;
    stdout.write(`Nothing of ${choice.consumer} waits${of}.\n`);
    return;
  }
  stdout.write(`Marked: ${marked.messages} message(s) of ${marked.streams} stream(s) are tried again.\n`);
  const left = await lookOn(parked, choice, context.signal);
  const again = left.filter(({ state }) => state === 'parked');
  if (left.length === 0) stdout.write('All of them are handled.\n');
  else if (again.length > 0) {
    stdout.write(`${listText(again, await parked.consumers())}\n`);
    context.exitCode = EXIT.refused;
  } else if (await isWorkerThere(parked, choice.consumer)) stdout.write('The worker is still at it.\n');
  else stdout.write(`No worker of ${choice.consumer} runs: they are handled when one starts.\n`);
}

/** Streams that still wait when the worker is through, when none is there, or when the time is up. */
async function lookOn(
  parked: ParkedMessages,
  { consumer, stream, waitSeconds, isWorkerStarting }: RetryChoice,
  signal: AbortSignal,
): Promise<readonly ParkedStream[]> {
  const deadline = performance.now() + waitSeconds * SECOND_MS;
  for (;;) {
    const left = (await parked.list(consumer)).filter(
      (each) => stream === undefined || each.stream === stream,
    );
    const isThrough = left.every(({ state }) => state === 'parked');
    if (isThrough || performance.now() > deadline) return left;
    if (!isWorkerStarting && !(await isWorkerThere(parked, consumer))) return left;
    await sleep(POLL_MS, undefined, { signal });
  }
}

async function isWorkerThere(parked: ParkedMessages, consumer: string): Promise<boolean> {
  return (await parked.consumers()).some(({ name, isRunning }) => name === consumer && isRunning);
}
