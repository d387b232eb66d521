import { hashBody } from '#libs/application/body-hash.js';
import type { Outcome } from '#libs/application/outcome.js';
import type { Envelope } from '#libs/application/envelope.js';
import type { CreatorExecutor } from '#libs/application/write-path.js';
import { CREDITS_PER_CENT } from '#libs/kernel/credits.js';
import { CreatorId, PayoutId } from '#libs/kernel/ids.js';
import type { CreatorCommand, MarkPayout } from '#libs/ledger/creator/commands.js';
import type { CreatorEvent } from '#libs/ledger/creator/events.js';
import { creatorStream } from '#libs/ledger/events.js';
import type { Refusal } from '#libs/ledger/refusal.js';
import type { FailureReason } from '#libs/payouts/provider.js';
import { runPayoutId } from '#libs/payouts/runs/run.js';
import type { ItemOutcome, ListedItem } from '#libs/payouts/runs/payout-runs.js';
import type { Transfer } from '#libs/payouts/transfer.js';

/** Whose commands these are, in the log. */
export const PAYOUT_WORKER = 'system:payout-worker';

type Payout = Pick<Transfer, 'creatorId' | 'payoutId'>;

/** Why a transfer is not sent; a conflict when that should not be. */
export interface KeptBack {
  readonly conflict?: 'unknown_payout' | 'ledger_disagrees';
  readonly why: string;
}

/** Undefined: done, now or before. Else why the ledger refused. */
export type Refusing = Refusal | undefined;

/**
 * The payout worker's way to the log. The key of a command follows from the payout alone: whichever process sends it,
 * and however often, it has one effect. Every method throws when there is no outcome; then the same is sent again.
 */
export class PayoutLedger {
  constructor(private readonly creators: CreatorExecutor) {}

  /** Whether the payout still waits to be sent: asked right before the provider is, on the newest state of the log. */
  async maySend(payout: Payout): Promise<'yes' | KeptBack> {
    const { command, envelope } = marking({ type: 'MarkPayoutSent', ...idsOf(payout) });
    const outcome = await this.creators.preview(creatorStream(command.creatorId), envelope, command);
    if (outcome.kind === 'refused') {
      const why = refusalWords(outcome.refusal);
      return outcome.refusal.code === 'payout.not_found' ? { conflict: 'unknown_payout', why } : { why };
    }
    if (!outcome.replayed) return 'yes';
    return { conflict: 'ledger_disagrees', why: 'the log has it as sent, the provider does not know it' };
  }

  recordSent(payout: Payout, reference: string): Promise<Refusing> {
    return this.mark({ type: 'MarkPayoutSent', ...idsOf(payout), reference });
  }

  recordSettled(payout: Payout, reference: string): Promise<Refusing> {
    return this.mark({ type: 'MarkPayoutSettled', ...idsOf(payout), reference });
  }

  recordFailed(payout: Payout, reason: FailureReason): Promise<Refusing> {
    return this.mark({ type: 'MarkPayoutFailed', ...idsOf(payout), reason });
  }

  /** Requests what a run has listed, judged afresh: never more than was listed, less when less is payable now. */
  async requestListed(runId: string, { creatorId, amountCents }: ListedItem): Promise<ItemOutcome> {
    const payoutId = runPayoutId(runId, creatorId);
    const command: CreatorCommand = {
      type: 'RequestPayout',
      creatorId: CreatorId.of(creatorId),
      payoutId: PayoutId.of(payoutId),
      atMost: amountCents * CREDITS_PER_CENT,
    };
    const outcome = await this.execute(command, {
      principal: PAYOUT_WORKER,
      key: `run:${runId}`,
      bodyHash: hashBody('RequestPayout', { creatorId, payoutId, runId }),
    });
    if (outcome.kind === 'refused') return { state: 'skipped', reason: outcome.refusal.code };
    const requested = outcome.events.find((event) => event.type === 'PayoutRequested');
    if (requested === undefined) throw new Error(`Requesting ${payoutId} was accepted and wrote no request`);
    return { state: 'requested', payoutId, requestedCents: requested.amount / CREDITS_PER_CENT };
  }

  private async mark(mark: MarkPayout): Promise<Refusing> {
    const { command, envelope } = marking(mark);
    const outcome = await this.execute(command, envelope);
    return outcome.kind === 'refused' ? outcome.refusal : undefined;
  }

  private execute(command: CreatorCommand, envelope: Envelope): Promise<Outcome<CreatorEvent>> {
    return this.creators.execute(creatorStream(command.creatorId), envelope, command);
  }
}

const idsOf = ({ creatorId, payoutId }: Payout) => ({
  creatorId: CreatorId.of(creatorId),
  payoutId: PayoutId.of(payoutId),
});

const KEY_WORDS: Readonly<Record<MarkPayout['type'], string>> = {
  MarkPayoutSent: 'sent',
  MarkPayoutSettled: 'settled',
  MarkPayoutFailed: 'failed',
};

/** The hash leaves out what the provider says besides: a repetition after a crash may word it differently. */
function marking(command: MarkPayout): { readonly command: MarkPayout; readonly envelope: Envelope } {
  const { type, creatorId, payoutId } = command;
  return {
    command,
    envelope: {
      principal: PAYOUT_WORKER,
      key: `${KEY_WORDS[type]}:${payoutId}`,
      bodyHash: hashBody(type, { creatorId, payoutId }),
    },
  };
}

/** In words, for operators. */
export function refusalWords(refusal: Refusal): string {
  if (refusal.code !== 'request.invalid') return refusal.code;
  return refusal.errors.map(({ field, message }) => `${field} ${message}`).join('; ');
}
