import { Inject, Injectable } from '@nestjs/common';
import { formatPosition } from '#libs/event-store/position.js';
import type { AsOf } from '#libs/projection-runner/as-of.js';
import { API_DEPS, type ApiDeps } from '../deps.js';
import { ProblemError } from '../problem/problem.js';
import { compileValidator } from '../validation/compile.js';
import { parseUtcTime } from '../validation/fields.js';
import type { CursorScope } from './cursor.js';
import { positionOf, waitUntilVisible } from './min-position.js';
import { checked, limitOf, pageOf, placeOf } from './pages.js';
import { TransactionsQueryDto, TrialBalanceQueryDto, UserQueryDto } from './queries.dto.js';
import type { ViewName } from './read-models.js';
import { transactionOf } from './transaction-text.js';

const validateUser = compileValidator(UserQueryDto, 'query');
const validateTransactions = compileValidator(TransactionsQueryDto, 'query');
const validateTrialBalance = compileValidator(TrialBalanceQueryDto, 'query');

/** Answers questions from the read models, as JSON text. Every method throws ProblemError for bad input. */
@Injectable()
export class Reads {
  constructor(@Inject(API_DEPS) private readonly deps: ApiDeps) {}

  /** A page of transactions, the newest first. */
  async transactions(query: unknown): Promise<string> {
    const { userId, minPosition, type, from, to, limit, cursor } = checked(validateTransactions, query);
    const [since, until] = [parseUtcTime(from), parseUtcTime(to)];
    const scope: CursorScope = ['transactions', userId, type, since, until];
    const after = placeOf(this.deps.signingKey, scope, cursor);
    await this.waitFor('transactions', minPosition);
    const count = limitOf(limit);
    const page = await this.deps.reads.transactions({
      userId,
      limit: count + 1,
      ...(type === undefined ? {} : { type }),
      ...(since === undefined ? {} : { from: since }),
      ...(until === undefined ? {} : { to: until }),
      ...(after === undefined ? {} : { after }),
    });
    if (page.value.length === 0) await this.requireWallet(userId);
    const { rows, nextCursor } = pageOf(page.value, count, {
      key: this.deps.signingKey,
      scope,
      place: ({ position }) => position,
    });
    return JSON.stringify({
      items: rows.map((row) => transactionOf(row, this.logId)),
      nextCursor,
      asOf: this.asOf(page),
    });
  }

  async unlockedFlows(query: unknown): Promise<string> {
    const { userId, minPosition } = checked(validateUser, query);
    await this.waitFor('unlocked-flows', minPosition);
    const flows = await this.deps.reads.unlockedFlows(userId);
    if (flows.value.length === 0) await this.requireWallet(userId);
    return JSON.stringify({
      userId,
      items: flows.value.map(({ flowId, creatorId, price, creatorShare, platformShare, unlockedAt }) => ({
        flowId,
        creatorId,
        price: price.toString(),
        creatorShare: creatorShare.toString(),
        platformShare: platformShare.toString(),
        unlockedAt: new Date(unlockedAt).toISOString(),
      })),
      asOf: this.asOf(flows),
    });
  }

  async trialBalance(query: unknown): Promise<string> {
    const { asOf, minPosition } = checked(validateTrialBalance, query);
    const at = asOf === undefined ? undefined : await positionOf(this.deps.store, 'asOf', asOf);
    await this.waitFor('journal', minPosition);
    if (asOf !== undefined) await this.waitFor('journal', asOf);
    const books = await this.deps.reads.trialBalance(at);
    const { accounts, total } = books.value;
    return JSON.stringify({
      position: formatPosition(this.logId, books.position),
      accounts: accounts.map(({ account, balance }) => ({ account, balance: balance.toString() })),
      total: total.toString(),
    });
  }

  private get logId(): string {
    return this.deps.store.logId;
  }

  private asOf({ position }: AsOf<unknown>): { readonly position: string } {
    return { position: formatPosition(this.logId, position) };
  }

  private waitFor(view: ViewName, minPosition: string | undefined): Promise<void> {
    return waitUntilVisible(this.deps.store, this.deps.reads, view, minPosition);
  }

  /** Nothing to show is only an answer for a wallet that exists. */
  private async requireWallet(userId: string): Promise<void> {
    const { value } = await this.deps.reads.wallet(userId);
    if (value === undefined) throw new ProblemError('wallet.not_found');
  }
}
