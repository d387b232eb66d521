import { connectLedger } from './connection.js';
import type { CommandContext } from './context.js';

export interface LedgerDatabase {
  readonly url: string;
  /** The engine was started for this command, and ends with it. */
  readonly isStartedHere: boolean;
}

/** The ledger's database: DATABASE_URL, else the engine's of DATA_DIR, which is started for it when none runs. */
export async function withDatabase(
  context: CommandContext,
  work: (database: LedgerDatabase) => Promise<void>,
): Promise<void> {
  const config = context.config();
  if (config.databaseUrl !== undefined) return work({ url: config.databaseUrl, isStartedHere: false });
  const connection = await connectLedger({
    url: undefined,
    config: { ...config, ledgerUrl: undefined },
    port: 0,
  });
  try {
    await work({ url: connection.databaseUrl!, isStartedHere: connection.origin === 'started' });
  } finally {
    await connection.close();
  }
}
