import { Readable } from 'node:stream';
import { Inject, Injectable } from '@nestjs/common';
import { PayoutRuns } from '#libs/payouts/runs/payout-runs.js';
import type { PayoutRun } from '#libs/payouts/runs/run.js';
import type { TransferState } from '#libs/payouts/transfer.js';
import { PayoutTransfers } from '#libs/payouts/transfers.js';
import { API_DEPS, type ApiDeps } from '../deps.js';
import type { CursorScope } from '../read/cursor.js';
import { checked, limitOf, pageOf, placeOf } from '../read/pages.js';
import { compileValidator } from '../validation/compile.js';
import { RunPathDto, RunQueryDto, RunsQueryDto, TransfersQueryDto } from './payouts.dto.js';
import { noSuchRun } from './run-commands.js';
import { itemCsv, itemMembers, jsonText, RUN_CSV_HEADER, runMembers, transferMembers } from './text.js';

const validateRunPath = compileValidator(RunPathDto, 'path');
const validateRuns = compileValidator(RunsQueryDto, 'query');
const validateRun = compileValidator(RunQueryDto, 'query');
const validateTransfers = compileValidator(TransfersQueryDto, 'query');

const CSV_PAGE = 1_000;
const CSV = /\btext\/csv\b/;

/** Answers what became of payout runs and transfers. Every method throws ProblemError for bad input. */
@Injectable()
export class PayoutReads {
  private readonly runs: PayoutRuns;
  private readonly transfers: PayoutTransfers;

  constructor(@Inject(API_DEPS) private readonly deps: ApiDeps) {
    this.runs = new PayoutRuns(deps.database);
    this.transfers = new PayoutTransfers(deps.database);
  }

  /** JSON text: a page of runs, the newest first. */
  async list(query: unknown): Promise<string> {
    const { limit, cursor } = checked(validateRuns, query);
    const scope: CursorScope = ['payout-runs'];
    const before = placeOf(this.deps.signingKey, scope, cursor);
    const count = limitOf(limit);
    const found = await this.runs.list({ limit: count + 1, ...(before === undefined ? {} : { before }) });
    const { rows, nextCursor } = pageOf(found, count, this.sign(scope));
    return jsonText({ items: rows.map(runMembers), nextCursor });
  }

  /** One run with a page of its items as JSON text, or with all of them as CSV. */
  async show(path: unknown, query: unknown, accept: string): Promise<string | Readable> {
    const { id } = checked(validateRunPath, path);
    const { limit, cursor, format } = checked(validateRun, query);
    const scope: CursorScope = ['payout-run-items', id];
    const after = placeOf(this.deps.signingKey, scope, cursor) ?? 0n;
    const run = await this.runs.find(id);
    if (run === undefined) throw noSuchRun(id);
    if (format === 'csv' || (format === undefined && CSV.test(accept))) return Readable.from(this.csv(run));
    const count = limitOf(limit);
    const found = await this.runs.items(id, { after, limit: count + 1 });
    const { rows, nextCursor } = pageOf(found, count, this.sign(scope));
    return jsonText({ run: runMembers(run), items: rows.map(itemMembers), nextCursor });
  }

  /** JSON text: a page of transfers, the newest first. */
  async listTransfers(query: unknown): Promise<string> {
    const { state, creatorId, limit, cursor } = checked(validateTransfers, query);
    const scope: CursorScope = ['payout-transfers', state, creatorId];
    const before = placeOf(this.deps.signingKey, scope, cursor);
    const count = limitOf(limit);
    const found = await this.transfers.list({
      limit: count + 1,
      ...(before === undefined ? {} : { before }),
      ...(state === undefined ? {} : { state: state as TransferState | 'conflict' }),
      ...(creatorId === undefined ? {} : { creatorId }),
    });
    const { rows, nextCursor } = pageOf(found, count, this.sign(scope));
    return jsonText({ items: rows.map(transferMembers), nextCursor });
  }

  private sign(scope: CursorScope) {
    return { key: this.deps.signingKey, scope, place: ({ seq }: { readonly seq: bigint }) => seq };
  }

  private async *csv({ runId }: PayoutRun): AsyncIterable<string> {
    yield RUN_CSV_HEADER;
    for (let after = 0n; ;) {
      const page = await this.runs.items(runId, { after, limit: CSV_PAGE });
      if (page.length > 0) yield page.map(itemCsv).join('');
      const last = page.at(-1);
      if (last === undefined || page.length < CSV_PAGE) return;
      after = last.seq;
    }
  }
}
