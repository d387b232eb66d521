import { type Objection, refusal } from './answers.js';
import type { Command } from './commands.js';
import { availableOf, partsFor, spend } from './lots.js';
import { allowanceLeft, type ModelPlan, type ModelPlans } from './plans.js';
import {
  coveredOf,
  type CustomModel,
  type FixedTerms,
  isPriced,
  type ModelPrice,
  priceOf,
  totalOf,
} from './prices.js';
import type { ModelCharge, ModelState } from './state.js';

/** What the ledger is run on: plans, and the prices in force at a moment. */
export interface ModelTerms {
  plansAt(t: number): ModelPlans;
  pricingAt(t: number): FixedTerms;
  customModelsOf(rateCardVersion: number): Readonly<Record<string, CustomModel>>;
}

type Asked = Command<'ChargePrompt'> | Command<'AuthoriseRun'>;

/** The checks that a direct charge and a hold have in common, in their order. */
export function objectionToRun(
  state: ModelState,
  command: Asked,
  t: number,
  plan: ModelPlan,
  terms: FixedTerms,
): Objection {
  if (state.status === 'frozen') return refusal('wallet.frozen');
  if (command.type === 'AuthoriseRun' && state.holds.has(command.holdId)) return refusal('hold.id_used');
  if (state.runs.has(command.runId)) return refusal('run.already_charged');
  if (command.quote !== undefined && command.quote.expiresAt <= t) return refusal('quote.expired');
  if (!isPriced(command.model, terms)) return refusal('model.unpriced');
  const custom = terms.customModels[command.model];
  const included =
    custom === undefined
      ? plan.models.includes(command.model)
      : plan.privateModels && custom.customers.includes(command.userId);
  if (!included) return refusal('plan.model_not_included');
  if (command.byok && !plan.byok) return refusal('plan.byok_not_included');
  if (command.purpose === 'test' && state.testRuns >= plan.testRuns)
    return refusal('plan.test_runs_exhausted');
  return undefined;
}

/** A quote is priced by what it has promised, everything else by what is in force. */
export const termsOf = ({ quote }: Asked, t: number, terms: ModelTerms): FixedTerms =>
  quote === undefined
    ? terms.pricingAt(t)
    : {
        ...quote,
        byokFeeBasisPoints: Number(quote.byokFeeBasisPoints),
        customModels: terms.customModelsOf(quote.rateCardVersion),
      };

export const shortOf = (needed: bigint, available: bigint): Objection =>
  available < needed ? refusal('wallet.insufficient_credits', { needed, available }) : undefined;

const smaller = (a: bigint, b: bigint): bigint => (a < b ? a : b);

export function chargeDirectly(
  state: ModelState,
  command: Command<'ChargePrompt'>,
  t: number,
  terms: ModelTerms,
): Objection {
  const fixed = termsOf(command, t, terms);
  const plans = terms.plansAt(t);
  const objection = objectionToRun(state, command, t, plans[state.plan], fixed);
  if (objection !== undefined) return objection;
  const price = priceOf({ payer: command.userId, ...command }, fixed);
  const allowance = smaller(coveredOf(price), allowanceLeft(state, plans));
  const needed = totalOf(price) - allowance;
  const short = shortOf(needed, availableOf(state, t));
  if (short !== undefined) return short;
  const draws = partsFor(state, needed, t);
  spend(state, draws);
  state.allowanceUsed += allowance;
  if (command.purpose === 'test') state.testRuns += 1;
  state.runs.set(command.runId, chargeOf(state, command.creatorId, price, t, { draws, allowance }));
  state.happened += 1;
  return undefined;
}

export function chargeOf(
  state: ModelState,
  creatorId: string | undefined,
  price: ModelPrice,
  t: number,
  paid: Partial<Pick<ModelCharge, 'draws' | 'allowance' | 'uncollected'>>,
): ModelCharge {
  return {
    creatorId,
    at: t,
    month: state.month,
    left: { ...price },
    draws: [],
    allowance: 0n,
    uncollected: 0n,
    ...paid,
  };
}

export function unlock(state: ModelState, command: Command<'UnlockFlow'>, t: number): Objection {
  const { creatorId, userId, flowId, price } = command;
  if (state.status === 'frozen') return refusal('wallet.frozen');
  if (creatorId === userId) return refusal('flow.own_flow');
  if (state.flows.has(flowId)) return refusal('flow.already_unlocked');
  const short = shortOf(price, availableOf(state, t));
  if (short !== undefined) return short;
  const draws = partsFor(state, price, t);
  spend(state, draws);
  const platformShare = price / 5n;
  const shares = {
    inference: 0n,
    markup: 0n,
    byokFee: 0n,
    platformShare,
    creatorShare: price - platformShare,
  };
  state.flows.set(flowId, chargeOf(state, creatorId, shares, t, { draws }));
  state.happened += 1;
  return undefined;
}
