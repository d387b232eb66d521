import { hashBody } from '#libs/application/body-hash.js';
import { createWritePath } from '#libs/application/write-path.js';
import type { EventStore } from '#libs/event-store/port.js';
import { FlowId, UserId } from '#libs/kernel/ids.js';
import { STANDARD_TERMS } from '#libs/ledger/catalogue/standard.js';
import { DAY_MS } from '#libs/ledger/creator/terms.js';
import { walletStream } from '#libs/ledger/events.js';
import type { WalletCommand } from '#libs/ledger/wallet/commands.js';

const LONG_AGO_MS = 60 * DAY_MS;
/** $20, of which four fifths are the creator's. */
const PRICE = 20_000_000n;
export const PAYEE_SHARE = 16_000_000n;
export const PAYEE_CENTS = 1_600;
const PAYER = UserId.of('payer');

export const payeeOf = (n: number): string => `payee-${n}`;

/** Flows that were sold so long ago that their creators can be paid now; settling them is left to the ledger. */
export async function sellFlowsLongAgo(store: EventStore, creators: readonly string[]): Promise<void> {
  const now = Date.now() - LONG_AGO_MS;
  const path = createWritePath({ store, clock: { now: () => now }, terms: () => STANDARD_TERMS });
  const send = async (command: WalletCommand, key: string): Promise<void> => {
    const envelope = { principal: 'test', key, bodyHash: hashBody(command.type, { key }) };
    const outcome = await path.wallets.execute(walletStream(PAYER), envelope, command);
    if (outcome.kind === 'refused') throw new Error(`${command.type}: ${outcome.refusal.code}`);
  };
  try {
    await send({ type: 'OpenWallet', userId: PAYER, plan: 'FREE', mayGrant: false }, 'open');
    const amount = PRICE * BigInt(creators.length);
    await send({ type: 'AddCredits', userId: PAYER, kind: 'promo', amount, reason: 'bonus' }, 'add');
    for (const creator of creators) {
      await send(
        {
          type: 'UnlockFlow',
          userId: PAYER,
          flowId: FlowId.of(`flow-of-${creator}`),
          creatorId: UserId.of(creator),
          price: PRICE,
        },
        `unlock-${creator}`,
      );
    }
  } finally {
    await path.close();
  }
}
