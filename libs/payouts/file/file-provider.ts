import { join } from 'node:path';
import type { ClientBase, Pool } from 'pg';
import { inTransaction } from '#libs/platform/transaction.js';
import { acceptsDestination } from '../accepts.js';
import type { FindOutcome, PayoutProvider, SendOutcome, TransferOrder } from '../provider.js';
import { statement } from '../sql-file.js';
import { fileText } from './csv.js';
import { writeFileWhole } from './write-file.js';

const COLLECT = statement('collect-line');
const FIND = statement('find-line');
const COLLECTED = statement('collected-lines');
const BEGIN_FILE = statement('begin-file');
const UNWRITTEN = statement('unwritten-files');
const LINES = statement('lines-of-file');
const WRITTEN = statement('file-written');

/** A file is begun when nothing more has come for so long ... */
const QUIET_MS = 5_000;
/** ... or somebody has waited for so long ... */
const WAIT_MS_MAX = 60_000;
/** ... or it is full. */
const LINES_MAX = 5_000;
/** One process at a time writes files. Any constant will do, as long as every process takes the same one. */
const LOCK_KEY = '7310589214411';

export interface FileProviderOptions {
  /** Where files are written, absolute. */
  readonly directory: string;
  readonly pool: Pool;
  readonly quietMs?: number;
  readonly linesMax?: number;
  /** Told between the steps of writing a file; for tests that stop there. */
  readonly onStep?: (step: FileStep) => Promise<void>;
}

export type FileStep = 'file_begun' | 'file_written';

interface LineColumns {
  readonly creator_id: string;
  readonly payout_id: string;
  readonly amount_cents: string;
  readonly currency: string;
  readonly destination: string;
}

interface FoundColumns extends LineColumns {
  readonly name: string | null;
  readonly written_at: Date | null;
}

/**
 * Bank transfers for manual payment, as CSV files. Postgres decides which file lists a payout before the file is
 * written; a file that a crash left unwritten is written again, with the same name and bytes.
 */
export class FileProvider implements PayoutProvider {
  readonly name = 'file';

  constructor(private readonly options: FileProviderOptions) {}

  /** Whatever account finance has recorded, but for those that only a Stripe account can pay. */
  accepts(provider: string): boolean {
    return acceptsDestination('file', provider);
  }

  async send(order: TransferOrder): Promise<SendOutcome> {
    const { creatorId, payoutId, amountCents, currency, destination } = order;
    const values = [creatorId, payoutId, amountCents.toString(), currency, destination];
    await this.options.pool.query({ ...COLLECT, values });
    return { kind: 'collected' };
  }

  async find({ creatorId, payoutId }: TransferOrder): Promise<FindOutcome> {
    const { rows } = await this.options.pool.query<FoundColumns>({ ...FIND, values: [creatorId, payoutId] });
    const [line] = rows;
    if (line === undefined) return { kind: 'not_found' };
    const { name, written_at: writtenAt, amount_cents: amount, currency, destination } = line;
    if (name === null || writtenAt === null) return { kind: 'collected' };
    return { kind: 'sent', reference: name, amountCents: BigInt(amount), currency, destination };
  }

  async cancel({ creatorId, payoutId }: TransferOrder): Promise<boolean> {
    const { rowCount } = await this.options.pool.query({
      name: 'payouts-cancel-line',
      text: 'delete from payouts.file_lines where creator_id = $1 and payout_id = $2 and file_no is null',
      values: [creatorId, payoutId],
    });
    return rowCount === 1;
  }

  async flush(): Promise<boolean> {
    if (await this.isTime()) await this.inTransaction((tx) => this.beginFile(tx));
    let written = false;
    while (await this.inTransaction((tx) => this.writeNext(tx))) written = true;
    return written;
  }

  /** Stripe alone tells of its payouts. */
  transfersIn(): Promise<readonly string[]> {
    return Promise.resolve([]);
  }

  private async isTime(): Promise<boolean> {
    const { quietMs = QUIET_MS, linesMax = LINES_MAX, pool } = this.options;
    const { rows } = await pool.query<{ count: string; oldest_ms: string; newest_ms: string }>(COLLECTED);
    const { count, oldest_ms: oldest, newest_ms: newest } = rows[0]!;
    if (Number(count) === 0) return false;
    return Number(newest) >= quietMs || Number(oldest) >= WAIT_MS_MAX || Number(count) >= linesMax;
  }

  private async beginFile(tx: ClientBase): Promise<void> {
    const { rows } = await tx.query<{ count: string }>(COLLECTED);
    // Another process was first.
    if (Number(rows[0]!.count) === 0) return;
    await tx.query({ ...BEGIN_FILE, values: [this.options.linesMax ?? LINES_MAX] });
  }

  /** Written under the lock and noted before it is let go: nobody writes a file that finance may have taken away. */
  private async writeNext(tx: ClientBase): Promise<boolean> {
    const { rows: files } = await tx.query<{ file_no: string; name: string }>(UNWRITTEN);
    const [file] = files;
    if (file === undefined) return false;
    await this.options.onStep?.('file_begun');
    const { rows } = await tx.query<LineColumns>({ ...LINES, values: [file.file_no] });
    const lines = rows.map((row) => ({
      creatorId: row.creator_id,
      payoutId: row.payout_id,
      amountCents: BigInt(row.amount_cents),
      currency: row.currency,
      destination: row.destination,
    }));
    if (lines.length === 0) {
      // All that it was begun for has been taken back meanwhile.
      await tx.query('delete from payouts.files where file_no = $1', [file.file_no]);
      return true;
    }
    await writeFileWhole(join(this.options.directory, file.name), fileText(lines));
    await this.options.onStep?.('file_written');
    await tx.query({ ...WRITTEN, values: [file.file_no] });
    return true;
  }

  private inTransaction<T>(work: (tx: ClientBase) => Promise<T>): Promise<T> {
    return inTransaction(this.options.pool, async (tx) => {
      await tx.query('select pg_advisory_xact_lock($1)', [LOCK_KEY]);
      return work(tx);
    });
  }
}
