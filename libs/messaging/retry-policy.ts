import { PoisonMessageError } from './consumer.js';

export interface RetryPolicy {
  /** Pause after the first failure; it doubles with every further one. */
  readonly delayMs: number;
  readonly delayMsMax: number;
  /** Then the message is parked until an operator acts. */
  readonly triesMax: number;
}

/** Ten tries over a minute and a half. */
export const RETRY_POLICY: RetryPolicy = { delayMs: 200, delayMsMax: 60_000, triesMax: 10 };

/** When Postgres or the brokers do not answer: for ever, since it is no message's fault. */
export const FAULT_POLICY = { delayMs: 200, delayMsMax: 10_000 } as const;

/** Part of a pause that chance decides, so that many who failed together do not come back together. */
const JITTER = 0.5;

/** Milliseconds to wait after so many failures. `chance` is from 0 to 1. */
export function backOffMs(
  { delayMs, delayMsMax }: Pick<RetryPolicy, 'delayMs' | 'delayMsMax'>,
  failures: number,
  chance = Math.random(),
): number {
  const full = Math.min(delayMsMax, delayMs * 2 ** Math.max(0, failures - 1));
  return full * (1 - JITTER * chance);
}

/** What becomes of a stream whose first message has failed. */
export type Verdict =
  | { readonly state: 'retrying'; readonly dueMs: number }
  | { readonly state: 'parked'; readonly dueMs?: never };

/** `tries`: failures of this message so far, this one included. */
export function verdictOn(error: unknown, tries: number, policy: RetryPolicy): Verdict {
  if (error instanceof PoisonMessageError || tries >= policy.triesMax) return { state: 'parked' };
  return { state: 'retrying', dueMs: backOffMs(policy, tries) };
}
