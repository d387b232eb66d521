import type { Done } from '#libs/application/outcome.js';
import { formatPosition } from '#libs/event-store/position.js';
import { formatUsd } from '#libs/kernel/credits.js';
import type { Earnings } from '#libs/ledger/creator/earnings.js';
import type { LedgerEvent } from '#libs/ledger/events.js';
import type { Price } from '#libs/ledger/pricing/policy.js';
import type { Balance } from '#libs/ledger/wallet/balance.js';

/*
 * Replies are written as text, not through JSON.stringify over objects made for it: on the hot route that would cost
 * as much again as deciding the command. Every text put in is digits, a code or an id that was validated, so nothing
 * needs escaping; those from outside a closed set still go through JSON.stringify.
 */

/** `{eventIds, position, replayed, balanceAfter | earnings, ...about}`; `about` is JSON text that begins with a comma, or nothing. */
export function commandReply(logId: string, done: Done, about: string): string {
  const balance = done.balanceAfter === undefined ? '' : `,"balanceAfter":${balanceText(done.balanceAfter)}`;
  const earnings = done.earningsAfter === undefined ? '' : `,"earnings":${earningsText(done.earningsAfter)}`;
  const ids = done.eventIds.length === 0 ? '' : `"${done.eventIds.join('","')}"`;
  return (
    `{"eventIds":[${ids}],"position":"${formatPosition(logId, done.position)}",` +
    `"replayed":${done.replayed}${balance}${earnings}${about}}`
  );
}

/**
 * A command's own event, told by its type: before it may stand what time had made due, after it the notices of a
 * low balance. Undefined when the command changed nothing.
 */
export function ownEvent<E extends LedgerEvent, T extends E['type']>(
  events: readonly E[],
  ...types: readonly T[]
): Extract<E, { readonly type: T }> | undefined {
  for (let i = events.length - 1; i >= 0; i--) {
    const event = events[i]!;
    if (types.includes(event.type as T)) return event as Extract<E, { readonly type: T }>;
  }
  return undefined;
}

/** Members of a reply as text that begins with a comma: amounts as strings, what is undefined left out. */
export function membersText(members: object): string {
  const text = JSON.stringify(members, (_name, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  );
  return text === '{}' ? '' : `,${text.slice(1, -1)}`;
}

/** ISO 8601, UTC, of milliseconds since the epoch. */
export const timeText = (ms: number): string => new Date(ms).toISOString();

/** A creator's earnings, for replies and reads. */
export const earningsText = (earnings: Earnings): string => `{${earningsFields(earnings)}}`;

/** The fields of earnings, for objects that hold more. */
export function earningsFields({
  earned,
  accrued,
  payable,
  inPayout,
  paid,
  nextMaturityAt,
}: Earnings): string {
  return (
    `"earned":"${earned}","accrued":"${accrued}","payable":"${payable}","inPayout":"${inPayout}","paid":"${paid}"` +
    (nextMaturityAt === undefined ? '' : `,"nextMaturityAt":"${timeText(nextMaturityAt)}"`)
  );
}

export function balanceText(balance: Balance): string {
  return `{${balanceFields(balance)}}`;
}

/** The fields of a balance, for objects that hold more. */
export function balanceFields({
  available,
  held,
  monthly,
  promo,
  refund,
  purchased,
  unlimited,
}: Balance): string {
  return (
    `"available":"${available}","held":"${held}","monthly":"${monthly}","promo":"${promo}",` +
    `"refund":"${refund}","purchased":"${purchased}"` +
    (unlimited === undefined ? '' : `,"unlimited":${unlimitedText(unlimited)}`)
  );
}

function unlimitedText({ used, fairUse }: NonNullable<Balance['unlimited']>): string {
  return `{"used":"${used}"${fairUse === undefined ? '' : `,"fairUse":"${fairUse}"`}}`;
}

/** Which rules made a price. */
export interface PricedBy {
  readonly policy: string;
  readonly rateCard: string;
  readonly rateCardVersion: number;
}

/** Every component of a price, as `calculate-cost` and a charge answer it. */
export function costText(price: Price & PricedBy): string {
  return (
    `{"inferenceCost":"${price.inference}","creatorFee":"${price.creatorFee}",` +
    `"creatorShare":"${price.creatorShare}","platformShare":"${price.platformShare}",` +
    `"platformMarkup":"${price.markup}","byokFee":"${price.byokFee}","total":"${price.total}",` +
    `"usd":"${formatUsd(price.total)}","policy":"${price.policy}",` +
    `"rateCard":{"id":"${price.rateCard}","version":${price.rateCardVersion}}}`
  );
}
