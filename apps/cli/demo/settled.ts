import { setTimeout as sleep } from 'node:timers/promises';
import { CliError } from '../failure.js';
import type { LedgerHttp } from '../http/ledger-http.js';
import { problemText } from '../http/with-patience.js';

export interface TrialBalance {
  readonly position: string;
  readonly total: string;
  readonly accounts: readonly { readonly account: string; readonly balance: string }[];
}

/** What `/health/ready` says of the read models, as far as it is needed here. */
interface Readiness {
  readonly head?: string;
  readonly views?: readonly { readonly name: string; readonly behind: string }[];
}

const POLL_MS = 100;
const PATIENCE_MS = 60_000;
const CLEARING = 'clearing:';

/** Credits that were charged for creators and have not reached them yet. */
export const inClearing = ({ accounts }: TrialBalance): bigint =>
  accounts
    .filter(({ account }) => account.startsWith(CLEARING))
    .reduce((sum, { balance }) => sum + BigInt(balance), 0n);

/**
 * Waits until every read model shows the whole log and every creator was paid what they earned; the books then.
 * @throws CliError when that takes longer than a minute
 */
export async function waitUntilSettled(http: LedgerHttp, signal: AbortSignal): Promise<TrialBalance> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    signal.throwIfAborted();
    const state = await look(http);
    if (typeof state !== 'string') return state;
    if (performance.now() > deadline) {
      throw new CliError(
        `The charges are in, but after ${PATIENCE_MS / 1000} s ${state}. ` +
          `${http.url}/health/ready says how far each read model is; LOG_LEVEL=info shows what holds it up.`,
      );
    }
    await sleep(POLL_MS, undefined, { signal });
  }
}

/** The settled books, or what is still missing. */
async function look(http: LedgerHttp): Promise<TrialBalance | string> {
  const ready = await http.send({ method: 'GET', path: '/health/ready' });
  const { head, views = [] } = (ready.body ?? {}) as Readiness;
  if (ready.status !== 200 || head === undefined) return 'the ledger is not ready';
  const behind = views.find((view) => view.behind !== '0');
  if (behind || views.length === 0) return `the read model ${behind?.name ?? ''} is behind`;
  const books = await http.send({ method: 'GET', path: `/api/ledger/trial-balance?minPosition=${head}` });
  if (books.status !== 200) return `the trial balance answers ${problemText(books)}`;
  const trial = books.body as TrialBalance;
  const waiting = inClearing(trial);
  return waiting === 0n ? trial : `${waiting} credits wait to be settled to creators`;
}
