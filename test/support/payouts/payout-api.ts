import { randomBytes } from 'node:crypto';
import { createApi } from '#apps/api/create-api.js';
import type { PayoutSettings } from '#apps/api/deps.js';
import { postgresReadModels } from '#apps/api/read/postgres-read-models.js';
import { followCatalogue } from '#libs/application/catalogue/follower.js';
import { createCommandHandlers } from '#libs/application/commands/handlers.js';
import { createWritePath } from '#libs/application/write-path.js';
import { systemClock } from '#libs/kernel/clock.js';
import { STANDARD_CREATOR_TERMS } from '#libs/ledger/creator/terms.js';
import { NO_ROWS } from '#test/support/no-rows.js';
import type { PayoutLab } from './payout-lab.js';

export interface PayoutApi {
  readonly url: string;
  /** What was logged as unexpected. */
  readonly faults: readonly object[];
  close(): Promise<void>;
}

/** The HTTP interface over a lab's log and rows. */
export async function openPayoutApi(
  { store, pool }: PayoutLab,
  payouts: Partial<PayoutSettings> = {},
): Promise<PayoutApi> {
  const ending = new AbortController();
  const catalogue = await followCatalogue({ store, clock: systemClock, signal: ending.signal });
  const path = createWritePath({ store, clock: systemClock, terms: () => catalogue.terms() });
  const faults: object[] = [];
  const app = await createApi({
    ...NO_ROWS,
    store,
    reads: postgresReadModels(pool, store),
    database: pool,
    payouts: { ...NO_ROWS.payouts, ...payouts },
    commandHandlers: createCommandHandlers(path),
    catalogue,
    clock: systemClock,
    creatorFeeMax: 100_000_000n,
    creatorTerms: STANDARD_CREATOR_TERMS,
    signingKey: randomBytes(32),
    logger: { error: (fields) => faults.push(fields), warn: (fields) => faults.push(fields) },
  });
  await app.listen(0, '127.0.0.1');
  return {
    url: await app.getUrl(),
    faults,
    close: async () => {
      await app.close();
      await path.close();
      ending.abort();
      await catalogue.stopped;
    },
  };
}
