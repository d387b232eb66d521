import type Stripe from 'stripe';
import type {
  FindOutcome,
  FoundTransfer,
  PayoutProvider,
  ProviderNotice,
  SendOutcome,
  TransferOrder,
} from '../provider.js';
import { acceptsDestination, STRIPE } from '../accepts.js';
import { transferKey } from '../transfer-key.js';
import { openStripe, type StripeAccess } from './client.js';
import { outcomeOfFailure } from './failures.js';

const PAGE = 100;

/** Metadata by which a transfer of ours is known. */
export const METADATA = { creatorId: 'promptflow_creator_id', payoutId: 'promptflow_payout_id' } as const;

/** Transfers to connected accounts. */
export class StripeProvider implements PayoutProvider {
  readonly name = STRIPE;
  private readonly client;

  constructor(access: StripeAccess) {
    this.client = openStripe(access);
  }

  accepts(provider: string): boolean {
    return acceptsDestination('stripe', provider);
  }

  async send(order: TransferOrder): Promise<SendOutcome> {
    const key = transferKey(order);
    const { creatorId, payoutId, amountCents, currency, destination } = order;
    try {
      const { id } = await this.client.stripe.transfers.create(
        {
          amount: Number(amountCents),
          currency,
          destination,
          transfer_group: key,
          metadata: { [METADATA.creatorId]: creatorId, [METADATA.payoutId]: payoutId },
        },
        { idempotencyKey: key },
      );
      return { kind: 'sent', reference: id };
    } catch (error) {
      return outcomeOfFailure(error);
    }
  }

  async find(order: TransferOrder): Promise<FindOutcome> {
    try {
      const { data } = await this.client.stripe.transfers.list({
        transfer_group: transferKey(order),
        limit: PAGE,
      });
      const ours = data.filter((transfer) => isOf(transfer, order));
      const [transfer] = ours;
      if (transfer === undefined) return { kind: 'not_found' };
      if (ours.length > 1) {
        return { kind: 'unknown', why: `Stripe has ${ours.length} transfers of this payout` };
      }
      const found = foundOf(transfer);
      return transfer.reversed
        ? { kind: 'failed', ...found, code: 'reversed', reason: 'returned' }
        : { kind: 'sent', ...found };
    } catch (error) {
      return { kind: 'unknown', why: error instanceof Error ? error.message : String(error) };
    }
  }

  /** A transfer is made at once. */
  cancel(): Promise<boolean> {
    return Promise.resolve(false);
  }

  flush(): Promise<boolean> {
    return Promise.resolve(false);
  }

  async transfersIn({
    account,
    payout,
  }: Extract<ProviderNotice, { kind: 'account_payout' }>): Promise<readonly string[]> {
    const { payouts, balanceTransactions } = this.client.stripe;
    const options = { stripeAccount: account };
    const { status, reconciliation_status: reconciled } = await payouts.retrieve(payout, {}, options);
    // Paid by hand of the account's owner: Stripe does not say what it consists of.
    if (reconciled === 'not_applicable') return [];
    if (status !== 'paid' || reconciled !== 'completed') {
      throw new Error(`Payout ${payout} is ${status} and its reconciliation ${reconciled}.`);
    }
    const references: string[] = [];
    const parts = balanceTransactions.list({ payout, limit: PAGE, expand: ['data.source'] }, options);
    for await (const { source } of parts) {
      if (source === null || typeof source === 'string' || source.object !== 'charge') continue;
      const { source_transfer: transfer } = source;
      if (transfer !== null) references.push(typeof transfer === 'string' ? transfer : transfer.id);
    }
    return references;
  }

  close(): void {
    this.client.close();
  }
}

const isOf = ({ metadata }: Stripe.Transfer, { creatorId, payoutId }: TransferOrder): boolean =>
  metadata[METADATA.creatorId] === creatorId && metadata[METADATA.payoutId] === payoutId;

export const foundOf = ({ id, amount, currency, destination }: Stripe.Transfer): FoundTransfer => ({
  reference: id,
  amountCents: BigInt(amount),
  currency,
  destination: (typeof destination === 'string' ? destination : destination?.id) ?? '',
});
