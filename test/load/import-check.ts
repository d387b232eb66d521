import { inClearing, type TrialBalance, waitUntilSettled } from '#apps/cli/demo/settled.js';
import { LedgerHttp } from '#apps/cli/http/ledger-http.js';
import type { Summary } from '#apps/cli/import-usage/tally.js';
import { decodeEvent } from '#libs/contracts/stored-events.js';
import type { EventStore } from '#libs/event-store/port.js';
import { advance } from '#libs/ledger/wallet/advance.js';
import { balanceOf } from '#libs/ledger/wallet/balance.js';
import type { WalletEvent } from '#libs/ledger/wallet/events.js';
import { evolveWallet } from '#libs/ledger/wallet/evolve.js';
import { NO_WALLET, type Wallet } from '#libs/ledger/wallet/state.js';
import { STANDARD_TERMS } from '#libs/ledger/catalogue/standard.js';
import { type ExpectedCharge, expectedCharge } from '#test/support/expected-pricing.js';

export type Totals = Summary['totals'];

export interface ExpectedImport {
  readonly rows: number;
  readonly users: number;
  readonly totals: Totals;
}

const FIELDS = ['inference', 'markup', 'creatorFee', 'creatorShare', 'platformShare', 'total'] as const;

/** The Azure trace with the importer's defaults, dealt and priced a second time, by the rules as they are written. */
export function expectedOfTrace(text: string): ExpectedImport {
  const [, ...rows] = text.trim().split(/\r?\n/);
  return sumOf(
    Math.min(100, rows.length),
    rows.map((row, i) => {
      const [, input, output] = row.split(',');
      return expectedCharge({
        model: Math.floor(i / 100) % 2 === 0 ? 'gpt-3.5-turbo' : 'gpt-4',
        inputTokens: Number(input),
        outputTokens: Number(output),
        creatorFee: i % 2 === 0 ? 1_000 : 0,
      });
    }),
  );
}

/** A file in the own form without quoted cells, priced a second time. */
export function expectedOfUsage(text: string): ExpectedImport {
  const [, ...rows] = text.trim().split('\n');
  return sumOf(
    new Set(rows.map((row) => row.split(',')[2])).size,
    rows.map((row) => {
      const [, , userId, , creatorId, creatorFee, model, input, output] = row.split(',');
      return expectedCharge({
        model: model ?? '',
        inputTokens: Number(input),
        outputTokens: Number(output),
        creatorFee: Number(creatorFee),
        creatorIsPayer: userId === creatorId,
      });
    }),
  );
}

function sumOf(users: number, charges: readonly ExpectedCharge[]): ExpectedImport {
  const sum = (field: keyof ExpectedCharge): string =>
    charges.reduce((total, charge) => total + charge[field], 0n).toString();
  const totals = Object.fromEntries(FIELDS.map((field) => [field, sum(field)])) as unknown as Totals;
  return { rows: charges.length, users, totals };
}

export interface BooksCheck {
  /** Sum of all accounts. */
  readonly trialBalance: string;
  /** Credits charged for creators that have not reached them. */
  readonly inClearing: string;
  readonly events: number;
  readonly wallets: number;
  /** Wallets whose balance over HTTP is not the fold of their stream. */
  readonly walletsDiffering: readonly string[];
  /** Charges in the streams, and their total. */
  readonly chargesInStreams: number;
  readonly chargedInStreams: string;
  /** Paid in the creators' streams, against the creators' shares of the charges. */
  readonly creatorShareInStreams: string;
}

export interface BooksPlace {
  /** Of the HTTP interface. */
  readonly url: string;
  /** Opens the log that is behind it. */
  readonly openStore: () => Promise<EventStore>;
}

/** Waits until everything is projected and settled, then holds the read models against a fold of the log. */
export async function checkBooks({ url, openStore }: BooksPlace): Promise<BooksCheck> {
  const http = new LedgerHttp(url, { connections: 8 });
  const store = await openStore();
  try {
    const trial: TrialBalance = await waitUntilSettled(http, new AbortController().signal);
    const folded = await foldLog(store);
    const differing: string[] = [];
    for (const [userId, wallet] of folded.wallets) {
      if (!(await agrees(http, userId, wallet))) differing.push(userId);
    }
    return {
      trialBalance: trial.total,
      inClearing: inClearing(trial).toString(),
      events: folded.events,
      wallets: folded.wallets.size,
      walletsDiffering: differing,
      chargesInStreams: folded.charges,
      chargedInStreams: folded.charged.toString(),
      creatorShareInStreams: folded.paidToCreators.toString(),
    };
  } finally {
    http.close();
    await store.close();
  }
}

interface FoldedLog {
  readonly wallets: Map<string, Wallet>;
  events: number;
  charges: number;
  charged: bigint;
  paidToCreators: bigint;
}

async function foldLog(store: EventStore): Promise<FoldedLog> {
  const log: FoldedLog = { wallets: new Map(), events: 0, charges: 0, charged: 0n, paidToCreators: 0n };
  for await (const batch of store.readAll()) {
    for (const stored of batch) {
      const event = decodeEvent(stored);
      log.events++;
      if (stored.stream.startsWith('wallet-')) {
        const userId = stored.stream.slice('wallet-'.length);
        log.wallets.set(userId, evolveWallet(log.wallets.get(userId) ?? NO_WALLET, event as WalletEvent));
      }
      if (event.type === 'PromptCharged') {
        log.charges++;
        log.charged += event.total;
      }
      if (event.type === 'CreatorPaid') log.paidToCreators += event.amount;
    }
  }
  return log;
}

/** Whether the balance over HTTP is the fold of the stream, brought to the time of the answer. */
async function agrees(http: LedgerHttp, userId: string, wallet: Wallet): Promise<boolean> {
  const reply = await http.send({ method: 'GET', path: `/api/credits/balance?userId=${userId}` });
  const shown = reply.body as Record<string, unknown> & { readonly asOf: { readonly time: string } };
  if (reply.status !== 200 || wallet.status === 'none') return false;
  const t = Math.max(Date.parse(shown.asOf.time), wallet.lastAt);
  const plans = STANDARD_TERMS.plansAt(t);
  const folded = balanceOf(advance(wallet, t, plans).wallet, t, plans);
  return (['available', 'held', 'monthly', 'promo', 'refund', 'purchased'] as const).every(
    (field) => shown[field] === folded[field].toString(),
  );
}
