import { assertNever } from '#libs/kernel/assert-never.js';
import { maxCredits, minCredits, splitFee, type Credits } from '#libs/kernel/credits.js';
import { periodStart } from '#libs/kernel/period.js';
import { accept, type CommandContext, type Decision, refuse } from '../decision.js';
import type { CoveredComponent, PlanTerms } from '../plans/plan-table.js';
import { type Price, priceRun, type PricingTerms } from '../pricing/policy.js';
import { invalidField } from '../refusal.js';
import { advance, monthlyLot } from './advance.js';
import type {
  AddCreditsCommand,
  ChargePromptCommand,
  OpenWalletCommand,
  UnlockFlowCommand,
  WalletCommand,
} from './commands.js';
import type { CreditsAdded, WalletEvent } from './events.js';
import { drawLots, sumLots } from './lots.js';
import type { OpenWallet, Wallet } from './state.js';

/** Rates, policy and plans in force when the command is decided. */
export interface WalletTerms {
  readonly pricing: PricingTerms;
  readonly plans: PlanTerms;
}

/** A run may lie this far ahead of the clock, no more. */
export const RAN_AT_AHEAD_MS_MAX = 5 * 60 * 1000;

/**
 * Decides a command on a wallet. Events that time made due (`advance`) come first. The order of checks is that of
 * domain rules, section 4.
 */
export function decideWallet(
  wallet: Wallet,
  command: WalletCommand,
  context: CommandContext,
  terms: WalletTerms,
): Decision<WalletEvent> {
  if (command.type === 'OpenWallet') return decideOpen(wallet, command, context, terms);
  if (wallet.status === 'none') return refuse({ code: 'wallet.not_found' });
  const t = Math.max(context.now, wallet.lastAt);
  const due = advance(wallet, t, terms.plans);
  const decision = decideOnOpen(due.wallet, command, { ...context, now: t }, terms);
  return decision.kind === 'accepted' && due.events.length > 0
    ? accept(...due.events, ...decision.events)
    : decision;
}

function decideOnOpen(
  wallet: OpenWallet,
  command: Exclude<WalletCommand, OpenWalletCommand>,
  context: CommandContext,
  terms: WalletTerms,
): Decision<WalletEvent> {
  switch (command.type) {
    case 'AddCredits':
      return decideAdd(wallet, command, context);
    case 'ChargePrompt':
      return decideCharge(wallet, command, context, terms);
    case 'UnlockFlow':
      return decideUnlock(wallet, command, context);
    default:
      return assertNever(command);
  }
}

function decideOpen(
  wallet: Wallet,
  command: OpenWalletCommand,
  context: CommandContext,
  terms: WalletTerms,
): Decision<WalletEvent> {
  if (wallet.status !== 'none') return refuse({ code: 'wallet.already_open' });
  const { userId, plan } = command;
  return accept<WalletEvent>(
    {
      type: 'WalletOpened',
      userId,
      at: context.now,
      plan,
      planTable: terms.plans.table.id,
      planTableVersion: terms.plans.table.version,
    },
    ...monthlyLot({ userId, plan }, context.now, terms.plans),
  );
}

function decideAdd(
  wallet: OpenWallet,
  command: AddCreditsCommand,
  context: CommandContext,
): Decision<WalletEvent> {
  if (command.expiresAt !== undefined && command.expiresAt <= context.now) {
    return refuse(invalidField('expiresAt', 'must lie in the future'));
  }
  const lot = {
    type: 'CreditsAdded',
    userId: wallet.userId,
    at: context.now,
    lotId: `lot-${context.commandId.slice(0, 16)}`,
    amount: command.amount,
    ...(command.expiresAt === undefined ? {} : { expiresAt: command.expiresAt }),
  } as const;
  if (command.kind === 'purchased') {
    if (wallet.payments.has(command.paymentId)) return refuse({ code: 'payment.already_credited' });
    return accept<CreditsAdded>({
      ...lot,
      kind: 'purchased',
      origin: 'purchased',
      reference: command.paymentId,
      paymentId: command.paymentId,
      ...(command.costBasis === undefined ? {} : { costBasis: command.costBasis }),
    });
  }
  return accept<CreditsAdded>({
    ...lot,
    // An adjustment is a promo lot that keeps its origin (domain rules, section 5).
    kind: 'promo',
    origin: command.kind,
    reason: command.reason,
    ...(command.reference === undefined ? {} : { reference: command.reference }),
  });
}

function decideCharge(
  wallet: OpenWallet,
  command: ChargePromptCommand,
  context: CommandContext,
  { pricing, plans }: WalletTerms,
): Decision<WalletEvent> {
  const chargedAtRevision = wallet.runs.get(command.runId);
  if (chargedAtRevision !== undefined) return refuse({ code: 'run.already_charged', chargedAtRevision });
  const price = priceRun({ ...command, payer: wallet.userId }, pricing);
  if (price === undefined) return refuse({ code: 'model.unpriced', model: command.model });
  const allowance = allowanceFor(wallet, price, context.now, plans);
  const needed = price.total - allowance;
  const available = sumLots(wallet.lots);
  if (available < needed) return refuse({ code: 'wallet.insufficient_credits', needed, available });
  return accept<WalletEvent>({
    type: 'PromptCharged',
    userId: wallet.userId,
    at: context.now,
    runId: command.runId,
    ...(command.promptId === undefined ? {} : { promptId: command.promptId }),
    model: command.model,
    ...command.tokens,
    purpose: command.purpose,
    byok: command.byok,
    ...(command.creatorId === undefined ? {} : { creatorId: command.creatorId }),
    ...(command.ranAt === undefined ? {} : { ranAt: command.ranAt }),
    policy: pricing.policy.id,
    rateCard: pricing.rateCard.id,
    rateCardVersion: pricing.rateCard.version,
    ...price,
    draws: drawLots(wallet.lots, needed),
    allowance,
  });
}

/** The part of a price that the plan's unlimited allowance covers, up to its fair-use limit. */
function allowanceFor(wallet: OpenWallet, price: Price, t: number, plans: PlanTerms): Credits {
  const { monthly } = plans.table.plans[wallet.plan];
  if (monthly.kind !== 'unlimited') return 0n;
  const covered = monthly.covers.reduce((sum, component: CoveredComponent) => sum + price[component], 0n);
  if (monthly.fairUse === undefined) return covered;
  const used = wallet.allowance.period === periodStart(t) ? wallet.allowance.used : 0n;
  return minCredits(covered, maxCredits(monthly.fairUse - used, 0n));
}

function decideUnlock(
  wallet: OpenWallet,
  command: UnlockFlowCommand,
  context: CommandContext,
): Decision<WalletEvent> {
  if (command.creatorId === wallet.userId) return refuse({ code: 'flow.own_flow' });
  if (wallet.flows.has(command.flowId)) return refuse({ code: 'flow.already_unlocked' });
  const available = sumLots(wallet.lots);
  if (available < command.price) {
    return refuse({ code: 'wallet.insufficient_credits', needed: command.price, available });
  }
  return accept<WalletEvent>({
    type: 'FlowUnlocked',
    userId: wallet.userId,
    at: context.now,
    flowId: command.flowId,
    creatorId: command.creatorId,
    price: command.price,
    ...splitFee(command.price),
    draws: drawLots(wallet.lots, command.price),
  });
}
