import { createHash } from 'node:crypto';
import type { Credits } from '#libs/kernel/credits.js';
import { ID_PATTERN } from '#libs/kernel/ids.js';
import type { PlanName } from '#libs/ledger/plans/plan-table.js';
import type { LedgerHttp } from '../http/ledger-http.js';
import { type Patience, problemCode, problemText, sendPatiently } from '../http/with-patience.js';

export interface AccountsOptions {
  readonly http: LedgerHttp;
  readonly users: readonly string[];
  /** 12 hex digits of the file's SHA-256. */
  readonly filePrefix: string;
  readonly planOf: (userId: string) => PlanName;
  /** Credits each user purchases once; 0 for no purchase. */
  readonly credits: Credits;
  readonly patience: Patience;
  /** Told when a user's wallet and purchase are through. */
  readonly onUser?: () => void;
}

/** What the ledger said about the users' wallets and purchases. */
export interface AccountsOutcome {
  readonly opened: number;
  readonly credited: number;
  /** Purchases that were made before with another amount: this run's amount has no effect on them. */
  readonly creditedOtherwise: number;
  /** Users whose wallet or purchase was refused, with the reason; their rows are judged by the ledger all the same. */
  readonly refused: readonly { readonly userId: string; readonly reason: string }[];
}

/** Requests at once. */
const IN_FLIGHT_MAX = 16;
const USER_HASH_DIGITS = 32;

/** Payment id of a user's purchase: the same file and user give the same id, so it is credited once for ever. */
export function paymentIdOf(filePrefix: string, userId: string): string {
  const readable = `import-${filePrefix}-${userId}`;
  if (ID_PATTERN.test(readable)) return readable;
  const digits = createHash('sha256').update(userId).digest('hex').slice(0, USER_HASH_DIGITS);
  // The dot keeps it apart from every readable one, which has a dash in its place.
  return `import-${filePrefix}.long-${digits}`;
}

/**
 * Opens every user's wallet and makes every user's purchase. Both are sent each time the file is imported; keys and
 * payment id see to it that the ledger does them once.
 */
export async function prepareAccounts(options: AccountsOptions): Promise<AccountsOutcome> {
  const outcome = {
    opened: 0,
    credited: 0,
    creditedOtherwise: 0,
    refused: [] as { userId: string; reason: string }[],
  };
  const users = options.users[Symbol.iterator]();
  const worker = async (): Promise<void> => {
    for (const userId of users) {
      const opened = await openWallet(options, userId);
      if (opened === 'now') outcome.opened++;
      if (typeof opened === 'object') outcome.refused.push({ userId, ...opened });
      const credited = await purchase(options, userId);
      if (credited === 'now') outcome.credited++;
      if (credited === 'otherwise') outcome.creditedOtherwise++;
      if (typeof credited === 'object') outcome.refused.push({ userId, ...credited });
      options.onUser?.();
    }
  };
  await Promise.all(Array.from({ length: Math.min(IN_FLIGHT_MAX, options.users.length) }, worker));
  return outcome;
}

type Step = 'now' | 'before' | 'otherwise' | { readonly reason: string };

async function openWallet(
  { http, filePrefix, planOf, patience }: AccountsOptions,
  userId: string,
): Promise<Step> {
  const reply = await sendPatiently(
    http,
    {
      method: 'POST',
      path: '/api/wallets',
      body: { userId, plan: planOf(userId) },
      idempotencyKey: `import-usage:${filePrefix}:wallet:${userId}`,
    },
    patience,
  );
  if (reply.status === 200) return isReplay(reply.body) ? 'before' : 'now';
  const code = problemCode(reply);
  // Reused: this import opened it before on another plan. Either way the wallet is there.
  if (code === 'wallet.already_open' || code === 'request.id_reused') return 'before';
  return { reason: problemText(reply) };
}

async function purchase(
  { http, filePrefix, credits, patience }: AccountsOptions,
  userId: string,
): Promise<Step> {
  if (credits === 0n) return 'before';
  const reply = await sendPatiently(
    http,
    {
      method: 'POST',
      path: '/api/credits/add',
      body: {
        userId,
        amount: credits.toString(),
        kind: 'purchased',
        reference: paymentIdOf(filePrefix, userId),
      },
      idempotencyKey: `import-usage:${filePrefix}:purchase:${userId}`,
    },
    patience,
  );
  if (reply.status === 200) return isReplay(reply.body) ? 'before' : 'now';
  const code = problemCode(reply);
  if (code === 'payment.already_credited' || code === 'request.id_reused') return 'otherwise';
  return { reason: problemText(reply) };
}

const isReplay = (body: unknown): boolean =>
  typeof body === 'object' && body !== null && (body as { readonly replayed?: unknown }).replayed === true;
