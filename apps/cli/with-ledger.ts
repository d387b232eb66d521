import { connectLedger } from './connection.js';
import type { CommandContext } from './context.js';
import { CliError, EXIT } from './failure.js';
import { LedgerHttp, type LedgerRequest, type Reply } from './http/ledger-http.js';
import { PATIENCE_MS, problemText, sendPatiently } from './http/with-patience.js';

/** One connection, for commands that ask one thing after another. */
export interface Ledger {
  /**
   * The reply's body; waits out what passes by itself.
   * @throws CliError with what the ledger says when it refuses
   */
  ask<T>(request: LedgerRequest): Promise<T>;
}

/** Runs with the ledger given by address, the one running on DATA_DIR, or one started for it. */
export async function withLedger<T>(
  { url, context }: { readonly url: string | undefined; readonly context: CommandContext },
  work: (ledger: Ledger) => Promise<T>,
): Promise<T> {
  const connection = await connectLedger({ url, config: context.config(), port: 0 });
  const http = new LedgerHttp(connection.url, { connections: 1 });
  try {
    return await work({
      ask: async <B>(request: LedgerRequest): Promise<B> => {
        const patience = { patienceMs: PATIENCE_MS, signal: context.signal };
        const reply = await sendPatiently(http, request, patience);
        if (reply.status !== 200) throw new CliError(refusalText(reply), EXIT.refused);
        return reply.body as B;
      },
    });
  } finally {
    http.close();
    await connection.close();
  }
}

/** Every field that was refused, one a line. */
function refusalText(reply: Reply): string {
  const { code, errors } = (reply.body ?? {}) as {
    readonly code?: unknown;
    readonly errors?: readonly { readonly field: string; readonly message: string }[];
  };
  if (typeof code !== 'string' || !Array.isArray(errors)) return problemText(reply);
  const lines = (errors as readonly { readonly field: string; readonly message: string }[]).map(
    ({ field, message }) => `  ${field} ${message}`,
  );
  return [code, ...lines].join('\n');
}
