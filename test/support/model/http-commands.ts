import type {
  AuthoriseRunCommand,
  ChargePromptCommand,
  WalletCommand,
} from '#libs/ledger/wallet/commands.js';
import { type ModelRefused, refusal } from './answers.js';

/** A command as callers of the HTTP interface write it. */
export interface HttpCommand {
  readonly method: 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: Readonly<Record<string, unknown>>;
}

const post = (path: string, body: HttpCommand['body']): HttpCommand => ({
  method: 'POST',
  path,
  body: body ?? {},
});
const time = (t: number): string => new Date(t).toISOString();
const text = (amount: bigint): string => amount.toString();

/** @throws for what has no route: migration, and what time alone does */
export function httpCommandOf(command: WalletCommand): HttpCommand {
  const { userId } = command;
  const wallet = `/api/wallets/${userId}`;
  switch (command.type) {
    case 'OpenWallet':
      return post('/api/wallets', { userId, plan: command.plan });
    case 'CloseWallet':
      return post(`${wallet}/close`, { remainder: command.remainder });
    case 'FreezeWallet':
      return post(`${wallet}/freeze`, { reason: command.reason });
    case 'UnfreezeWallet':
      return post(`${wallet}/unfreeze`, {});
    case 'SetThresholds':
      return post(`${wallet}/thresholds`, { thresholds: command.thresholds.map(text) });
    case 'AddCredits':
      return post('/api/credits/add', {
        userId,
        kind: command.kind,
        amount: text(command.amount),
        ...(command.kind === 'purchased' ? { reference: command.paymentId } : { reason: command.reason }),
        ...(command.expiresAt === undefined ? {} : { expiresAt: time(command.expiresAt) }),
      });
    case 'RevokeCredits':
      return post('/api/credits/revoke', {
        userId,
        reason: command.reason,
        ...(command.reason === 'correction'
          ? { amount: text(command.amount) }
          : { reference: command.paymentId }),
      });
    case 'ReinstateCredits':
      return post('/api/credits/reinstate', { userId, reference: command.paymentId });
    case 'PaySubscription': {
      const { plan, paymentId, amount, from, until } = command;
      return post('/api/plans/subscription-payments', {
        userId,
        plan,
        reference: paymentId,
        amount: text(amount),
        from: time(from),
        until: time(until),
      });
    }
    case 'ChangePlan':
      return post('/api/plans/change', { userId, plan: command.plan });
    case 'CancelPlanChange':
      return post('/api/plans/change/cancel', { userId });
    case 'AuthoriseRun':
      return post('/api/credits/holds', {
        ...runOf(command),
        holdId: command.holdId,
        ttlSeconds: command.ttlMs / 1_000,
        ...(command.estimate.tokens === undefined
          ? { amount: text(command.estimate.amount) }
          : command.estimate.tokens),
      });
    case 'ReleaseHold':
      return post(`/api/credits/holds/${command.holdId}/release`, { userId });
    case 'ChargePrompt':
      return post('/api/credits/charge-prompt', {
        ...runOf(command),
        ...command.tokens,
        ...(command.holdId === undefined ? {} : { holdId: command.holdId }),
      });
    case 'RefundPrompt': {
      const { runId, refundId, reason, amount } = command;
      return post('/api/credits/refunds', {
        userId,
        runId,
        refundId,
        reason,
        ...(amount === undefined ? {} : { amount: text(amount) }),
      });
    }
    case 'UnlockFlow': {
      const { flowId, creatorId, price } = command;
      return post('/api/flows/unlock', { userId, flowId, creatorId, price: text(price) });
    }
    case 'RefundFlow': {
      const { flowId, refundId, reason } = command;
      return post('/api/flows/refunds', { userId, flowId, refundId, reason });
    }
    case 'CreatePrompt': {
      const { promptId, visibility, sizeBytes } = command;
      return post('/api/prompts', { userId, promptId, visibility, sizeBytes });
    }
    case 'ChangePrompt': {
      const { type: _, promptId, ...change } = command;
      return { method: 'PATCH', path: `/api/prompts/${promptId}`, body: change };
    }
    case 'DeletePrompt':
      return { method: 'DELETE', path: `/api/prompts/${command.promptId}?userId=${userId}` };
    case 'MigrateWallet':
    case 'AdvanceWallet':
      throw new Error(`${command.type} has no route`);
  }
}

function runOf(command: ChargePromptCommand | AuthoriseRunCommand) {
  const { userId, runId, model, byok, purpose, creatorId, creatorFee } = command;
  const made = creatorId === undefined ? {} : { creatorId, creatorFee: text(creatorFee) };
  return { userId, runId, model, byok, purpose, ...made };
}

type Fields = Readonly<Record<string, unknown>>;

/** The reply of a command that took effect, in the model's words. */
export function shownBalance(balance: Fields): Readonly<Record<string, bigint>> {
  const { unlimited, ...amounts } = balance as Record<string, string> & { unlimited?: Fields };
  return {
    ...Object.fromEntries(KINDS.map((kind) => [kind, BigInt(amounts[kind]!)])),
    ...(unlimited === undefined ? {} : { unlimitedUsed: BigInt(unlimited['used'] as string) }),
  };
}
const KINDS = ['available', 'held', 'monthly', 'promo', 'refund', 'purchased'] as const;

/** A problem document in the model's words. */
export function shownRefusal(problem: Fields): ModelRefused {
  const figures = ['needed', 'available', 'remaining'] as const;
  return refusal(
    String(problem['code']),
    Object.fromEntries(
      figures.flatMap((name) =>
        problem[name] === undefined ? [] : [[name, BigInt(problem[name] as string)]],
      ),
    ),
  );
}
