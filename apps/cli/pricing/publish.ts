import { randomUUID } from 'node:crypto';
import { InvalidArgumentError } from 'commander';
import type { Ledger } from '../with-ledger.js';

/** The ledger asks for 60 s, so that every process has read it; some more for two clocks that differ. */
const AHEAD_MS = 70_000;

/** When a publication takes effect if nobody says. */
export const defaultEffectiveFrom = (): string => new Date(Date.now() + AHEAD_MS).toISOString();

const UTC_TIME = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?Z)?$/;

/** A moment as people type it, a day or a time in UTC, as the interface takes it. */
export function parseMoment(raw: string): string {
  const time = UTC_TIME.test(raw) ? Date.parse(raw) : Number.NaN;
  if (Number.isNaN(time)) {
    throw new InvalidArgumentError(
      'Expected a time in UTC such as 2026-12-01T00:00:00Z, or a day such as 2026-12-01.',
    );
  }
  return new Date(time).toISOString();
}

/** Publishes under a key of its own: what is sent again after a lost answer has no second effect. */
export const publish = <T>(ledger: Ledger, path: string, body: object): Promise<T> =>
  ledger.ask<T>({ method: 'POST', path, body, idempotencyKey: randomUUID() });
