import { Inject, Injectable } from '@nestjs/common';
import { formatPosition } from '#libs/event-store/position.js';
import type { AsOf } from '#libs/projection-runner/as-of.js';
import { API_DEPS, type ApiDeps } from '../deps.js';
import { ProblemError } from '../problem/problem.js';
import { compileValidator } from '../validation/compile.js';
import type { CursorScope } from './cursor.js';
import { signCursor } from './cursor.js';
import { entitlementsText } from './entitlements-text.js';
import { lotMovements } from './lot-movements.js';
import { lotMovementOf, lotStatementOf } from './lots-text.js';
import { waitUntilVisible } from './min-position.js';
import { checked, limitOf, pageOf, placeOf } from './pages.js';
import { LotPathDto, PageQueryDto, UserQueryDto } from './queries.dto.js';
import { holdsText, walletBalanceText } from './wallet-balance.js';
import { type WalletNow, walletNow } from './wallet-now.js';

const validateUser = compileValidator(UserQueryDto, 'query');
const validatePage = compileValidator(PageQueryDto, 'query');
const validateLot = compileValidator(LotPathDto, 'path');

/** Answers what is in a wallet, as JSON text. Every method throws ProblemError for bad input. */
@Injectable()
export class WalletReads {
  constructor(@Inject(API_DEPS) private readonly deps: ApiDeps) {}

  async balance(query: unknown): Promise<string> {
    const { now, position } = await this.walletNow(query);
    return walletBalanceText(now, position);
  }

  async entitlements(query: unknown): Promise<string> {
    const { now, position } = await this.walletNow(query);
    return entitlementsText(now, position);
  }

  /** Open holds; one whose time is up is left out before its time-out is recorded. */
  async holds(query: unknown): Promise<string> {
    const { now, position } = await this.walletNow(query);
    return holdsText(now, position);
  }

  /** Every lot the wallet ever had, the newest first. */
  async lots(query: unknown): Promise<string> {
    const { userId, minPosition, limit, cursor } = checked(validatePage, query);
    const scope: CursorScope = ['lots', userId];
    const before = placeOf(this.deps.signingKey, scope, cursor);
    await this.waitFor(minPosition);
    const count = limitOf(limit);
    const found = await this.deps.reads.lots({
      userId,
      limit: count + 1,
      ...(before === undefined ? {} : { before: Number(before) }),
    });
    if (found.value.length === 0) await this.requireWallet(userId);
    const { rows, nextCursor } = pageOf(found.value, count, {
      key: this.deps.signingKey,
      scope,
      place: ({ number }) => BigInt(number),
    });
    return JSON.stringify({
      userId,
      items: rows.map(lotStatementOf),
      nextCursor,
      asOf: { position: this.positionText(found) },
    });
  }

  /** One lot with a page of what moved it, the oldest first. */
  async lot(path: unknown, query: unknown): Promise<string> {
    const { id } = checked(validateLot, path);
    const { userId, minPosition, limit, cursor } = checked(validatePage, query);
    const scope: CursorScope = ['lot-movements', userId, id];
    const from = placeOf(this.deps.signingKey, scope, cursor);
    await this.waitFor(minPosition);
    const found = await this.deps.reads.lots({ userId, lotId: id, limit: 1 });
    const [lot] = found.value;
    if (lot === undefined) {
      await this.requireWallet(userId);
      throw ProblemError.invalid([{ field: 'id', message: 'names no lot of this wallet' }]);
    }
    const { movements, next } = await lotMovements(this.deps.store, {
      userId,
      lotId: id,
      fromRevision: from === undefined ? lot.firstRevision : Number(from),
      upTo: found.position,
      limit: limitOf(limit),
    });
    return JSON.stringify({
      userId,
      lot: lotStatementOf(lot),
      items: movements.map((movement) => lotMovementOf(movement, this.deps.store.logId)),
      nextCursor: next === undefined ? null : signCursor(this.deps.signingKey, scope, BigInt(next)),
      asOf: { position: this.positionText(found) },
    });
  }

  private async walletNow(query: unknown): Promise<{ readonly now: WalletNow; readonly position: string }> {
    const { userId, minPosition } = checked(validateUser, query);
    await this.waitFor(minPosition);
    const found = await this.deps.reads.wallet(userId);
    if (found.value === undefined) throw new ProblemError('wallet.not_found');
    const now = walletNow(found.value.wallet, this.deps.clock.now(), this.deps.catalogue.current());
    return { now, position: this.positionText(found) };
  }

  private positionText({ position }: AsOf<unknown>): string {
    return formatPosition(this.deps.store.logId, position);
  }

  private waitFor(minPosition: string | undefined): Promise<void> {
    return waitUntilVisible(this.deps.store, this.deps.reads, 'balances', minPosition);
  }

  /** Nothing to show is only an answer for a wallet that exists. */
  private async requireWallet(userId: string): Promise<void> {
    const { value } = await this.deps.reads.wallet(userId);
    if (value === undefined) throw new ProblemError('wallet.not_found');
  }
}
