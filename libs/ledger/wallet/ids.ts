import type { WalletCommand } from './commands.js';
import type { WalletEvent } from './events.js';

/** Names of what a wallet remembers for ever, for `Past.revisionOf`: a second fence behind idempotency keys. */
export const runUsed = (runId: string): string => `run:${runId}`;
export const holdUsed = (holdId: string): string => `hold:${holdId}`;
/** The hold was settled by a charge. */
export const holdSettled = (holdId: string): string => `settled:${holdId}`;
/** The hold was released by its caller; one that timed out, or gave way to a revocation, may still be settled. */
export const holdReleased = (holdId: string): string => `released:${holdId}`;
export const refundUsed = (refundId: string): string => `refund:${refundId}`;
/** The latest refund of the run. */
export const runRefunded = (runId: string): string => `refunded-run:${runId}`;
export const flowUsed = (flowId: string): string => `flow:${flowId}`;
export const flowRefunded = (flowId: string): string => `refunded-flow:${flowId}`;
export const paymentUsed = (paymentId: string): string => `payment:${paymentId}`;

const NO_IDS: readonly string[] = [];

/** The ids that an event uses. */
export function walletIdsOf(event: WalletEvent): readonly string[] {
  switch (event.type) {
    case 'PromptCharged':
      return event.holdId === undefined
        ? [runUsed(event.runId)]
        : [runUsed(event.runId), holdSettled(event.holdId)];
    case 'CreditsHeld':
      return [holdUsed(event.holdId)];
    case 'HoldReleased':
      return event.cause === 'caller' ? [holdReleased(event.holdId)] : NO_IDS;
    case 'PromptRefunded':
      return [refundUsed(event.refundId), runRefunded(event.runId)];
    case 'FlowUnlocked':
      return [flowUsed(event.flowId)];
    case 'FlowUnlockRefunded':
      return [refundUsed(event.refundId), flowRefunded(event.flowId)];
    case 'SubscriptionPaid':
      return [paymentUsed(event.paymentId)];
    case 'CreditsAdded':
      return event.paymentId === undefined ? NO_IDS : [paymentUsed(event.paymentId)];
    default:
      return NO_IDS;
  }
}

/** The ids that deciding a command asks for, to be looked up in one go. */
export function walletIdsNamedBy(command: WalletCommand): readonly string[] {
  switch (command.type) {
    case 'ChargePrompt': {
      const run = runUsed(command.runId);
      const { holdId } = command;
      return holdId === undefined
        ? [run]
        : [run, holdUsed(holdId), holdSettled(holdId), holdReleased(holdId)];
    }
    case 'AuthoriseRun':
      return [holdUsed(command.holdId), runUsed(command.runId)];
    case 'ReleaseHold':
      return [holdUsed(command.holdId)];
    case 'RefundPrompt':
      return [refundUsed(command.refundId), runUsed(command.runId), runRefunded(command.runId)];
    case 'UnlockFlow':
      return [flowUsed(command.flowId)];
    case 'RefundFlow':
      return [refundUsed(command.refundId), flowUsed(command.flowId), flowRefunded(command.flowId)];
    case 'PaySubscription':
      return [paymentUsed(command.paymentId)];
    case 'AddCredits':
      return command.kind === 'purchased' ? [paymentUsed(command.paymentId)] : NO_IDS;
    default:
      return NO_IDS;
  }
}
