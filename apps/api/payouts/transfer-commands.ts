import { err, ok } from '#libs/kernel/result.js';
import { PayoutTransfers, resolveConflict } from '#libs/payouts/transfers.js';
import type { RowRoute } from '../commands/row-gate.js';
import { commandReader } from '../commands/to-command.js';
import { LOCAL_PRINCIPAL } from '../deps.js';
import { ProblemError } from '../problem/problem.js';
import { NoFieldsDto } from './payouts.dto.js';
import { jsonText, transferMembers } from './text.js';

interface ResolveConflict {
  readonly type: 'ResolvePayoutConflict';
  readonly creatorId: string;
  readonly payoutId: string;
}

/** Finance has looked and settled it with the provider: the transfer is not shown as in conflict any more. */
export const RESOLVE_CONFLICT: RowRoute<ResolveConflict> = {
  read: commandReader({
    fields: NoFieldsDto,
    bodyOptional: true,
    path: ['creatorId', 'payoutId'],
    command: (_fields, path): ResolveConflict => ({ type: 'ResolvePayoutConflict', ...path }),
  }),
  scope: ({ creatorId, payoutId }) => `payout-transfer:${creatorId}:${payoutId}`,
  run: async (payout, tx) => {
    const resolved = await resolveConflict(tx, payout, LOCAL_PRINCIPAL);
    const transfer = await new PayoutTransfers(tx).find(tx, payout.creatorId, payout.payoutId);
    if (transfer === undefined) return err(new ProblemError('payout.not_found'));
    if (!resolved) {
      const message = 'names a transfer that is not in conflict';
      return err(ProblemError.invalid([{ field: 'payoutId', message }]));
    }
    return ok(JSON.parse(jsonText({ transfer: transferMembers(transfer) })) as object);
  },
};
