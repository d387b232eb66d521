import { assertNever } from '#libs/kernel/assert-never.js';
import { accept, refuse } from '../decision.js';
import type { Terms } from '../pricing/terms.js';
import { advance, type Advanced, apply } from './advance.js';
import type { LiveWalletCommand, WalletCommand } from './commands.js';
import type { WalletContext, WalletDecision } from './context.js';
import { decideAdd, decideReinstate, decideRevoke } from './decide-credits.js';
import { decideCharge } from './decide-charge.js';
import { decideAuthorise, decideRelease } from './decide-hold.js';
import { decideClose, decideFreeze, decideMigrate, decideOpen, decideUnfreeze } from './decide-life.js';
import { decideCancelPlanChange, decideChangePlan, decidePaySubscription } from './decide-plan.js';
import { decideChangePrompt, decideCreatePrompt, decideDeletePrompt } from './decide-prompt.js';
import { decideRefundFlow, decideRefundPrompt } from './decide-refund.js';
import { decideUnlock } from './decide-unlock.js';
import type { WalletEvent } from './events.js';
import { decideThresholds, thresholdsCrossed } from './thresholds.js';
import type { LiveWallet, Wallet } from './state.js';

/**
 * Decides a command on a wallet. Events that time made due (`advance`) come first, thresholds crossed by all of them
 * last. The order of checks is that of domain rules, section 4. Throws what `context.past` and `terms` throw.
 */
export function decideWallet(
  wallet: Wallet,
  command: WalletCommand,
  context: WalletContext,
  terms: Terms,
): WalletDecision {
  if (command.type === 'OpenWallet') return decideOpen(wallet, command, context, terms);
  if (command.type === 'MigrateWallet') return decideMigrate(wallet, command, context, terms);
  if (wallet.status === 'none') return refuse({ code: 'wallet.not_found' });
  const t = Math.max(context.now, wallet.lastAt);
  const plans = terms.plansAt(t);
  // A payment for the plan counts before the plan is judged: who pays in time keeps it.
  if (command.type === 'PaySubscription') {
    const paid = decidePaySubscription(wallet, command, { ...context, now: t });
    if (paid.kind === 'refused') return paid;
    const start = apply({ wallet, events: [] }, paid.events);
    return complete(wallet, apply(start, advance(start.wallet, t, plans).events), [], t);
  }
  const due = advance(wallet, t, plans);
  const decision = decideLive(due.wallet, command, { ...context, now: t }, terms);
  return decision.kind === 'refused' ? decision : complete(wallet, due, decision.events, t);
}

function decideLive(
  wallet: LiveWallet,
  command: Exclude<LiveWalletCommand, { type: 'PaySubscription' }>,
  context: WalletContext,
  terms: Terms,
): WalletDecision {
  switch (command.type) {
    case 'AddCredits':
      return decideAdd(wallet, command, context);
    case 'RevokeCredits':
      return decideRevoke(wallet, command, context);
    case 'ReinstateCredits':
      return decideReinstate(wallet, command, context);
    case 'AuthoriseRun':
      return decideAuthorise(wallet, command, context, terms);
    case 'ReleaseHold':
      return decideRelease(wallet, command, context);
    case 'ChargePrompt':
      return decideCharge(wallet, command, context, terms);
    case 'RefundPrompt':
      return decideRefundPrompt(wallet, command, context);
    case 'UnlockFlow':
      return decideUnlock(wallet, command, context);
    case 'RefundFlow':
      return decideRefundFlow(wallet, command, context);
    case 'ChangePlan':
      return decideChangePlan(wallet, command, context, terms);
    case 'CancelPlanChange':
      return decideCancelPlanChange(wallet, context);
    case 'CreatePrompt':
      return decideCreatePrompt(wallet, command, context, terms);
    case 'ChangePrompt':
      return decideChangePrompt(wallet, command, context, terms);
    case 'DeletePrompt':
      return decideDeletePrompt(wallet, command, context);
    case 'SetThresholds':
      return decideThresholds(wallet, command, context);
    case 'FreezeWallet':
      return decideFreeze(wallet, command, context);
    case 'UnfreezeWallet':
      return decideUnfreeze(wallet, context);
    case 'CloseWallet':
      return decideClose(wallet, command, context);
    case 'AdvanceWallet':
      return accept<WalletEvent>();
    default:
      return assertNever(command);
  }
}

/** What was due, what was decided, and the thresholds that all of it crossed. */
function complete(
  before: LiveWallet,
  due: Advanced,
  events: readonly WalletEvent[],
  t: number,
): WalletDecision {
  const all = due.events.length === 0 ? events : [...due.events, ...events];
  if (before.thresholds.length === 0 || all.length === 0) return { kind: 'accepted', events: all };
  const after = apply(due, events).wallet;
  return { kind: 'accepted', events: [...all, ...thresholdsCrossed(before, after, t)] };
}

/** More of a wallet's own time than one append should hold goes in appends of its own, of so many events */
const AHEAD_EVENTS_MAX = 250;
/** that name so many parts of lots: of the longest, they stay far below the bytes an append may hold. */
const AHEAD_PARTS_MAX = 1_500;

/**
 * The first of the events that must go ahead of a command because they would not fit into its append: holds that time
 * out and lots that lapse, then the holds that a revocation releases or the lots that expire when a wallet is closed.
 * None when there is nothing to send ahead.
 */
export function eventsAhead(
  wallet: Wallet,
  command: WalletCommand,
  context: WalletContext,
  terms: Terms,
): readonly WalletEvent[] {
  if (wallet.status === 'none') return [];
  const t = Math.max(context.now, wallet.lastAt);
  const due = advance(wallet, t, terms.plansAt(t)).events;
  const lapsing = due.filter(({ type }) => type === 'HoldReleased' || type === 'CreditsExpired');
  const ahead = lapsing.length > 0 ? lapsing : withoutLapsing(due, wallet, command, context);
  const events = ahead.slice(0, countThatFits(ahead));
  const after = apply({ wallet, events: [] }, events).wallet;
  return [...events, ...thresholdsCrossed(wallet, after, t)];
}

/**
 * The period's turn is never cut in two: a change of plan without its grant would lose the grant. It does not go ahead
 * of a payment, which may cover the plan that it judges.
 */
function withoutLapsing(
  turn: readonly WalletEvent[],
  wallet: LiveWallet,
  command: WalletCommand,
  context: WalletContext,
): readonly WalletEvent[] {
  if (command.type === 'PaySubscription') return [];
  if (turn.length > 0) return turn;
  if (command.type === 'RevokeCredits') return releases(wallet, command, context);
  return command.type === 'CloseWallet' ? closing(wallet, command, context) : [];
}

/** How many events from the front one append may hold; one at least. */
function countThatFits(events: readonly WalletEvent[]): number {
  let parts = 0;
  const tooMany = events.findIndex((event, i) => {
    parts += partsOf(event);
    return i > 0 && (i === AHEAD_EVENTS_MAX || parts > AHEAD_PARTS_MAX);
  });
  return tooMany < 0 ? events.length : tooMany;
}

function partsOf(event: WalletEvent): number {
  if (event.type === 'HoldReleased') return event.parts.length;
  return event.type === 'CreditsRevoked' ? event.lots.length : 0;
}

function releases(
  wallet: LiveWallet,
  command: Extract<WalletCommand, { type: 'RevokeCredits' }>,
  context: WalletContext,
): readonly WalletEvent[] {
  const decision = decideRevoke(wallet, command, context);
  return decision.kind === 'refused'
    ? []
    : decision.events.filter(({ type }) => type === 'HoldReleased' || type === 'CreditsExpired');
}

/** A wallet of very many lots is closed first, so that nothing can begin while they expire some at a time. */
function closing(
  wallet: LiveWallet,
  command: Extract<WalletCommand, { type: 'CloseWallet' }>,
  context: WalletContext,
): readonly WalletEvent[] {
  const decision = decideClose(wallet, command, context);
  if (decision.kind === 'refused') return [];
  const closed = decision.events.filter(({ type }) => type === 'WalletClosed');
  const lots = decision.events.filter(({ type }) => type !== 'WalletClosed');
  // The last stays with the command, which would otherwise find the wallet closed and empty.
  const first = lots.slice(0, -1);
  return first.length === 0 || wallet.status === 'closed' ? first : [...closed, ...first];
}
