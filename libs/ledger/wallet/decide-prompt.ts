import { accept, refuse } from '../decision.js';
import { fits, type Plan, type PlanLimit } from '../plans/plan-table.js';
import type { Terms } from '../pricing/terms.js';
import type { Refusal } from '../refusal.js';
import type { ChangePromptCommand, CreatePromptCommand, DeletePromptCommand } from './commands.js';
import type { WalletContext, WalletDecision } from './context.js';
import type { WalletEvent } from './events.js';
import type { LiveWallet, Prompt } from './state.js';

export function decideCreatePrompt(
  wallet: LiveWallet,
  { promptId, visibility, sizeBytes }: CreatePromptCommand,
  { now }: WalletContext,
  terms: Terms,
): WalletDecision {
  if (wallet.status === 'closed') return refuse({ code: 'wallet.closed' });
  if (wallet.prompts.has(promptId)) return refuse({ code: 'prompt.already_exists' });
  const prompt = { visibility, sizeBytes };
  const exhausted = noRoom(wallet, undefined, prompt, terms.plansAt(now).plans[wallet.plan]);
  if (exhausted !== undefined) return refuse(exhausted);
  return accept<WalletEvent>({ type: 'PromptCreated', userId: wallet.userId, at: now, promptId, ...prompt });
}

export function decideChangePrompt(
  wallet: LiveWallet,
  { promptId, visibility, sizeBytes }: ChangePromptCommand,
  { now }: WalletContext,
  terms: Terms,
): WalletDecision {
  if (wallet.status === 'closed') return refuse({ code: 'wallet.closed' });
  const before = wallet.prompts.get(promptId);
  if (before === undefined) return refuse({ code: 'prompt.not_found' });
  const prompt = {
    visibility: visibility ?? before.visibility,
    sizeBytes: sizeBytes ?? before.sizeBytes,
  };
  const exhausted = noRoom(wallet, before, prompt, terms.plansAt(now).plans[wallet.plan]);
  if (exhausted !== undefined) return refuse(exhausted);
  return accept<WalletEvent>({ type: 'PromptChanged', userId: wallet.userId, at: now, promptId, ...prompt });
}

export function decideDeletePrompt(
  wallet: LiveWallet,
  { promptId }: DeletePromptCommand,
  { now }: WalletContext,
): WalletDecision {
  if (wallet.status === 'closed') return refuse({ code: 'wallet.closed' });
  if (!wallet.prompts.has(promptId)) return refuse({ code: 'prompt.not_found' });
  return accept<WalletEvent>({ type: 'PromptDeleted', userId: wallet.userId, at: now, promptId });
}

/** What is over a limit after a downgrade stays and may shrink; only growth needs room (domain rules, section 3). */
function noRoom(
  wallet: LiveWallet,
  before: Prompt | undefined,
  after: Prompt,
  plan: Plan,
): Refusal | undefined {
  const becomesPrivate = after.visibility === 'private' && before?.visibility !== 'private';
  if (becomesPrivate && !fits(plan.privatePrompts, wallet.privatePrompts, 1)) {
    return { code: 'plan.private_prompts_exhausted' };
  }
  const growth = BigInt(after.sizeBytes - (before?.sizeBytes ?? 0));
  return growth > 0n && !bytesFit(plan.storageBytes, wallet.storageBytes + growth)
    ? { code: 'plan.storage_exhausted' }
    : undefined;
}

/** Sums of sizes may be larger than a number counts exactly. */
const bytesFit = (limit: PlanLimit, bytes: bigint): boolean =>
  limit.kind !== 'limited' || bytes <= BigInt(limit.max);
