import { RefundFlow, UnlockFlow } from '#libs/application/commands/commands.js';
import type { FlowId, RefundId, UserId } from '#libs/kernel/ids.js';
import type { RefundFlowCommand, UnlockFlowCommand } from '#libs/ledger/wallet/commands.js';
import type { CommandRoute } from './command-gate.js';
import { RefundFlowDto, UnlockFlowDto } from './flows.dto.js';
import { restoredLots } from './holds.routes.js';
import { membersText, ownEvent } from './reply.js';
import { commandReader, creditsOf, feeErrors } from './to-command.js';

export const UNLOCK: CommandRoute<UnlockFlowCommand> = {
  read: commandReader({
    fields: UnlockFlowDto,
    credits: ['price'],
    judge: ({ price }, limits) => feeErrors('price', price, limits),
    command: (dto) => ({
      type: 'UnlockFlow',
      userId: dto.userId as UserId,
      flowId: dto.flowId as FlowId,
      creatorId: dto.creatorId as UserId,
      price: creditsOf(dto.price),
    }),
  }),
  request: UnlockFlow,
  about: (events) => {
    const unlocked = ownEvent(events, 'FlowUnlocked');
    if (unlocked === undefined) return '';
    const { flowId, creatorId, price, creatorShare, platformShare } = unlocked;
    return membersText({ flowId, creatorId, price, creatorShare, platformShare });
  },
};

export const REFUND: CommandRoute<RefundFlowCommand> = {
  read: commandReader({
    fields: RefundFlowDto,
    command: ({ userId, flowId, refundId, reason }) => ({
      type: 'RefundFlow',
      userId: userId as UserId,
      flowId: flowId as FlowId,
      refundId: refundId as RefundId,
      reason,
    }),
  }),
  request: RefundFlow,
  about: (events) => {
    const refunded = ownEvent(events, 'FlowUnlockRefunded');
    if (refunded === undefined) return '';
    const { refundId, flowId, reason, amount, creatorShare, platformShare, restored } = refunded;
    return membersText({
      refundId,
      flowId,
      reason,
      amount,
      creatorShare,
      platformShare,
      restored: restoredLots(restored),
    });
  },
};
