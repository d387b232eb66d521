import { UserId } from '#libs/kernel/ids.js';
import type { LedgerEvent } from '#libs/ledger/events.js';

/** Stored examples by the name of their file: the stored type, and what is special about one if there are several. */
export type GoldenEvents = Readonly<Record<string, LedgerEvent>>;

export const AT = Date.parse('2026-11-20T16:00:00.123Z');
export const USER = UserId.of('u-1');
export const CREATOR = UserId.of('c-1');
