import type { Done } from '#libs/application/outcome.js';
import { formatPosition } from '#libs/event-store/position.js';
import { formatUsd } from '#libs/kernel/credits.js';
import type { Price } from '#libs/ledger/pricing/policy.js';
import type { Balance } from '#libs/ledger/wallet/balance.js';
import type {
  CreditsAdded,
  FlowUnlocked,
  PromptCharged,
  WalletEvent,
  WalletOpened,
} from '#libs/ledger/wallet/events.js';

/*
 * Replies are written as text, not through JSON.stringify over objects made for it: on the hot route that would cost
 * as much again as deciding the command. Every text put in is digits, a code or an id that was validated, so nothing
 * needs escaping; those from outside a closed set still go through JSON.stringify.
 */

/** `{eventIds, position, replayed, balanceAfter, ...about}` without the closing brace's end: `about` begins with a comma. */
export function commandReply(logId: string, done: Done<WalletEvent>): string {
  const balance = done.balanceAfter === undefined ? '' : `,"balanceAfter":${balanceText(done.balanceAfter)}`;
  return (
    `{"eventIds":["${done.eventIds.join('","')}"],"position":"${formatPosition(logId, done.position)}",` +
    `"replayed":${done.replayed}${balance}${aboutText(done.events)}}`
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

/** What the command is about: its own event is the last one, after those that time had made due. */
function aboutText(events: readonly WalletEvent[]): string {
  const event = events.findLast(({ type }) => type !== 'CreditsExpired');
  switch (event?.type) {
    case 'PromptCharged':
      return `,"runId":${JSON.stringify(event.runId)},"cost":${costText(event)}`;
    case 'FlowUnlocked':
      return unlockText(event);
    case 'CreditsAdded':
      return openedText(events) ?? `,"lot":${lotText(event)}`;
    case 'WalletOpened':
      return openedText(events) ?? '';
    default:
      return '';
  }
}

/** Opening a wallet also grants its first monthly lot: the reply is about the plan. */
function openedText(events: readonly WalletEvent[]): string | undefined {
  const opened = events.find((event): event is WalletOpened => event.type === 'WalletOpened');
  return opened && `,"userId":${JSON.stringify(opened.userId)},"plan":"${opened.plan}"`;
}

function unlockText({ flowId, creatorId, price, creatorShare, platformShare }: FlowUnlocked): string {
  return (
    `,"flowId":${JSON.stringify(flowId)},"creatorId":${JSON.stringify(creatorId)},"price":"${price}",` +
    `"creatorShare":"${creatorShare}","platformShare":"${platformShare}"`
  );
}

/** The lot as it was added: nothing drawn, nothing reserved. */
function lotText({ lotId, kind, origin, amount, expiresAt, paymentId }: CreditsAdded): string {
  return (
    `{"id":"${lotId}","kind":"${kind}","origin":"${origin}","original":"${amount}","remaining":"${amount}",` +
    `"reserved":"0"` +
    (expiresAt === undefined ? '' : `,"expiresAt":"${new Date(expiresAt).toISOString()}"`) +
    (paymentId === undefined ? '' : `,"paymentId":${JSON.stringify(paymentId)}`) +
    '}'
  );
}

/** Which rules made a price. */
export interface PricedBy {
  readonly policy: string;
  readonly rateCard: string;
  readonly rateCardVersion: number;
}

/** Every component of a price, as `calculate-cost` and a charge answer it. */
export function costText(price: (Price & PricedBy) | PromptCharged): string {
  return (
    `{"inferenceCost":"${price.inference}","creatorFee":"${price.creatorFee}",` +
    `"creatorShare":"${price.creatorShare}","platformShare":"${price.platformShare}",` +
    `"platformMarkup":"${price.markup}","byokFee":"${price.byokFee}","total":"${price.total}",` +
    `"usd":"${formatUsd(price.total)}","policy":"${price.policy}",` +
    `"rateCard":{"id":"${price.rateCard}","version":${price.rateCardVersion}}}`
  );
}
