import type { LedgerHttp } from '../http/ledger-http.js';
import { type Patience, problemText, sendPatiently } from '../http/with-patience.js';
import type { LegacyWallet } from './legacy-row.js';

export interface MigrateOptions {
  readonly http: LedgerHttp;
  readonly wallets: readonly LegacyWallet[];
  readonly patience: Patience;
  readonly onWallet?: () => void;
}

export interface Migrated {
  readonly opened: number;
  /** Opened with the very same balances by an earlier run. */
  readonly before: number;
  readonly refused: readonly { readonly userId: string; readonly reason: string }[];
}

/** Requests at once. */
const IN_FLIGHT_MAX = 16;

/** Opens every wallet, each once for ever: the key is the user's, so a run that was cut off can be run again. */
export async function migrateWallets({
  http,
  wallets,
  patience,
  onWallet,
}: MigrateOptions): Promise<Migrated> {
  const done = { opened: 0, before: 0, refused: [] as { userId: string; reason: string }[] };
  const queue = wallets[Symbol.iterator]();
  const worker = async (): Promise<void> => {
    for (const { userId, plan, purchased, monthly, other } of queue) {
      const reply = await sendPatiently(
        http,
        {
          method: 'POST',
          path: '/api/wallets/migrations',
          body: {
            userId,
            plan,
            purchased: purchased.toString(),
            monthly: monthly.toString(),
            other: other.toString(),
          },
          idempotencyKey: `migrate-legacy:${userId}`,
        },
        patience,
      );
      if (reply.status !== 200) done.refused.push({ userId, reason: problemText(reply) });
      else if ((reply.body as { readonly replayed?: unknown }).replayed === true) done.before++;
      else done.opened++;
      onWallet?.();
    }
  };
  await Promise.all(Array.from({ length: Math.min(IN_FLIGHT_MAX, wallets.length) }, worker));
  return done;
}
