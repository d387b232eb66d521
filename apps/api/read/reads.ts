import { Inject, Injectable } from '@nestjs/common';
import { formatPosition } from '#libs/event-store/position.js';
import type { AsOf } from '#libs/projection-runner/as-of.js';
import { API_DEPS, type ApiDeps } from '../deps.js';
import { ProblemError } from '../problem/problem.js';
import { compileValidator, type Validator } from '../validation/compile.js';
import { parseUtcTime } from '../validation/fields.js';
import { type CursorScope, readCursor, signCursor } from './cursor.js';
import { positionOf, waitUntilVisible } from './min-position.js';
import {
  CreatorPathDto,
  PositionQueryDto,
  TransactionsQueryDto,
  TrialBalanceQueryDto,
  UserQueryDto,
} from './queries.dto.js';
import type { ViewName } from './read-models.js';
import { transactionOf } from './transaction-text.js';
import { walletBalanceText } from './wallet-balance.js';

const LIMIT_DEFAULT = 50;

const validateUser = compileValidator(UserQueryDto, 'query');
const validateTransactions = compileValidator(TransactionsQueryDto, 'query');
const validatePosition = compileValidator(PositionQueryDto, 'query');
const validateTrialBalance = compileValidator(TrialBalanceQueryDto, 'query');
const validateCreator = compileValidator(CreatorPathDto, 'path');

/** Answers questions from the read models, as JSON text. Every method throws ProblemError for bad input. */
@Injectable()
export class Reads {
  constructor(@Inject(API_DEPS) private readonly deps: ApiDeps) {}

  async balance(query: unknown): Promise<string> {
    const { userId, minPosition } = checked(validateUser, query);
    await this.waitFor('balances', minPosition);
    const { value, position } = await this.deps.reads.wallet(userId);
    if (value === undefined) throw new ProblemError('wallet.not_found');
    return walletBalanceText(
      { value, position },
      { logId: this.logId, now: this.deps.clock.now(), plans: this.deps.terms.plans },
    );
  }

  /** A page of transactions, the newest first. */
  async transactions(query: unknown): Promise<string> {
    const { userId, minPosition, type, from, to, limit, cursor } = checked(validateTransactions, query);
    const scope: CursorScope = { userId, type, from: parseUtcTime(from), to: parseUtcTime(to) };
    const after = cursor === undefined ? undefined : readCursor(this.deps.signingKey, scope, cursor);
    if (cursor !== undefined && after === undefined) {
      const message = 'is not a cursor of this user and filter: start again without one';
      throw ProblemError.invalid([{ field: 'cursor', message }]);
    }
    await this.waitFor('transactions', minPosition);
    const count = limit === undefined ? LIMIT_DEFAULT : Number(limit);
    const page = await this.deps.reads.transactions({
      userId,
      limit: count + 1,
      ...(type === undefined ? {} : { type }),
      ...(scope.from === undefined ? {} : { from: scope.from }),
      ...(scope.to === undefined ? {} : { to: scope.to }),
      ...(after === undefined ? {} : { after }),
    });
    if (page.value.length === 0) await this.requireWallet(userId);
    const rows = page.value.slice(0, count);
    const last = page.value.length > count ? rows.at(-1) : undefined;
    return JSON.stringify({
      items: rows.map((row) => transactionOf(row, this.logId)),
      nextCursor: last === undefined ? null : signCursor(this.deps.signingKey, scope, last.position),
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

  async earnings(path: unknown, query: unknown): Promise<string> {
    const { id } = checked(validateCreator, path);
    const { minPosition } = checked(validatePosition, query);
    await this.waitFor('creator-earnings', minPosition);
    const earnings = await this.deps.reads.earnings(id);
    if (earnings.value === undefined) throw new ProblemError('creator.not_found');
    const { earned, accrued, promptSources, flowSources } = earnings.value;
    return JSON.stringify({
      creatorId: id,
      earned: earned.toString(),
      accrued: accrued.toString(),
      // Nothing matures or is paid out in this version.
      payable: '0',
      inPayout: '0',
      paid: '0',
      promptSources: Number(promptSources),
      flowSources: Number(flowSources),
      asOf: this.asOf(earnings),
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

function checked<T>(validate: Validator<T>, raw: unknown): T {
  const result = validate(raw);
  if (!result.ok) throw ProblemError.invalid(result.error);
  return result.value;
}
