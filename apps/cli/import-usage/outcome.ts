import { parseCredits, type Credits } from '#libs/kernel/credits.js';
import { isTransient } from '../http/ledger-http.js';
import type { ChargedCost } from './tally.js';

/** What became of one row. */
export type RowOutcome =
  | { readonly kind: 'charged' | 'alreadyCharged'; readonly cost: ChargedCost; readonly position: string }
  /** The run was charged before, on other terms or under another key. */
  | { readonly kind: 'differs'; readonly reason: string }
  | { readonly kind: 'refused'; readonly reason: string }
  /** To be sent again under the same key. */
  | { readonly kind: 'again'; readonly reason: string };

const CHARGED_ON_OTHER_TERMS = ['request.id_reused', 'run.already_charged'];

/** Reads one item of a bulk's reply. @throws when it is not what the interface promises. */
export function outcomeOf(item: unknown): RowOutcome {
  const reply = objectOf(item, 'an item of the reply');
  const { status, code, detail } = reply;
  if (status === 200) {
    const kind = reply['replayed'] === true ? 'alreadyCharged' : 'charged';
    return { kind, cost: costOf(reply['cost']), position: textOf(reply['position'], 'position') };
  }
  if (typeof status !== 'number' || typeof code !== 'string') throw notALedger('status and code of an item');
  const reason = typeof detail === 'string' ? `${code}: ${detail}` : code;
  if (isTransient(status)) return { kind: 'again', reason };
  return { kind: CHARGED_ON_OTHER_TERMS.includes(code) ? 'differs' : 'refused', reason };
}

function costOf(raw: unknown): ChargedCost {
  const cost = objectOf(raw, 'cost');
  const amount = (field: string): Credits => {
    const parsed = parseCredits(cost[field]);
    if (!parsed.ok) throw notALedger(`cost.${field}`);
    return parsed.value;
  };
  return {
    inference: amount('inferenceCost'),
    markup: amount('platformMarkup'),
    creatorFee: amount('creatorFee'),
    creatorShare: amount('creatorShare'),
    platformShare: amount('platformShare'),
    total: amount('total'),
  };
}

function objectOf(raw: unknown, what: string): Readonly<Record<string, unknown>> {
  if (raw === null || typeof raw !== 'object') throw notALedger(what);
  return raw as Readonly<Record<string, unknown>>;
}

function textOf(raw: unknown, what: string): string {
  if (typeof raw !== 'string') throw notALedger(what);
  return raw;
}

const notALedger = (what: string): Error =>
  new Error(`The server's reply lacks ${what}: is it a PromptFlow Ledger of this version?`);
