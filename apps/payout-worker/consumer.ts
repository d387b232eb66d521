import { CREDITS_PER_CENT } from '#libs/kernel/credits.js';
import type { PublicEvent } from '#libs/contracts/public/public-event.js';
import { type Consumer, PoisonMessageError } from '#libs/messaging/consumer.js';
import type { LedgerState } from '#libs/payouts/transfer.js';
import { addTransfer, tellLedgerState } from '#libs/payouts/transfers.js';

/** Told before it was known: nothing in the order of a stream allows that but a message that was dropped. */
const UNKNOWN_PAYOUT = 'the payout is not known here, or was known to be as far';

/** Keeps a transfer for each payout that is requested, and what the log says of it. */
export const payoutConsumer: Consumer = {
  name: 'payouts',
  types: [
    'promptflow.payout.requested.v1',
    'promptflow.payout.sent.v1',
    'promptflow.payout.settled.v1',
    'promptflow.payout.failed.v1',
  ],
  async handle(event, tx) {
    if (event.type === 'promptflow.payout.requested.v1') {
      const { creatorId, payoutId, amount, provider, destination } = event.data;
      const requestedAt = Date.parse(event.time);
      const amountCents = centsOf(amount);
      const added = await addTransfer(tx, {
        creatorId,
        payoutId,
        amountCents,
        provider,
        destination,
        requestedAt,
      });
      return added ? 'done' : { skipped: 'the transfer is there already' };
    }
    const said = saidBy(event);
    if (said === undefined) return { skipped: 'says nothing of a payout' };
    return (await tellLedgerState(tx, said.payout, said)) ? 'done' : { skipped: UNKNOWN_PAYOUT };
  },
};

interface Said {
  readonly payout: { readonly creatorId: string; readonly payoutId: string };
  readonly state: LedgerState;
  readonly failedFrom?: LedgerState;
}

function saidBy(event: PublicEvent): Said | undefined {
  switch (event.type) {
    case 'promptflow.payout.sent.v1':
      return { payout: event.data, state: 'sent' };
    case 'promptflow.payout.settled.v1':
      return { payout: event.data, state: 'settled' };
    case 'promptflow.payout.failed.v1':
      return { payout: event.data, state: 'failed', failedFrom: ledgerState(event.data.failedFrom) };
    default:
      return undefined;
  }
}

const LEDGER_STATES: readonly LedgerState[] = ['requested', 'sent', 'settled'];

function ledgerState(text: string): LedgerState {
  const state = LEDGER_STATES.find((each) => each === text);
  if (state === undefined) throw new PoisonMessageError(`"${text}" is no state that a payout fails from`);
  return state;
}

/** Money leaves in whole cents. @throws PoisonMessageError */
function centsOf(amount: string): bigint {
  const credits = BigInt(amount);
  if (credits <= 0n || credits % CREDITS_PER_CENT !== 0n) {
    throw new PoisonMessageError(`${amount} credits are not whole cents above zero`);
  }
  return credits / CREDITS_PER_CENT;
}
