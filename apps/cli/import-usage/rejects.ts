import { createWriteStream, type WriteStream } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { once } from 'node:events';
import { CliError } from '../failure.js';

/** Why a row is not charged as the file says. */
export type RejectKind = 'malformed' | 'refused' | 'differs';

export interface Reject {
  readonly line: number;
  readonly kind: RejectKind;
  /** What is wrong, or the code of the refusal with its detail. */
  readonly reason: string;
  /** Cells of the row as they were read. */
  readonly cells: readonly string[];
}

const FIXED_COLUMNS = ['line', 'kind', 'reason'];
/** Spreadsheets take a cell that begins so for a formula. */
const FORMULA_START = /^[=+\-@\t\r]/;
const NEEDS_QUOTES = /[",\r\n]/;

/** A cell as CSV: one that a spreadsheet would run as a formula gets an apostrophe before it. */
export function csvCell(raw: string): string {
  const safe = FORMULA_START.test(raw) ? `'${raw}` : raw;
  return NEEDS_QUOTES.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export const rejectLine = ({ line, kind, reason, cells }: Reject): string =>
  `${[String(line), kind, reason, ...cells].map(csvCell).join(',')}\n`;

/**
 * The file of rows that were not charged: line, kind, reason, then the row's own cells, in the order in which the
 * outcomes came. It is made with the first such row; one left by an earlier run is removed.
 */
export class RejectsFile {
  private stream: WriteStream | undefined;
  private failure: Error | undefined;
  private countNow = 0;

  private constructor(
    readonly path: string,
    private readonly columns: readonly string[],
  ) {}

  /** @throws CliError when another kind of file has that name. */
  static async open(path: string, columns: readonly string[]): Promise<RejectsFile> {
    const beginning = await firstCharacters(path);
    if (beginning !== undefined && !beginning.startsWith(FIXED_COLUMNS.join(','))) {
      throw new CliError(
        `${path} exists and is not a rejects file of an earlier import. Name another with --rejects PATH.`,
      );
    }
    await rm(path, { force: true });
    return new RejectsFile(path, columns);
  }

  get count(): number {
    return this.countNow;
  }

  async write(reject: Reject): Promise<void> {
    if (this.failure) throw this.cannotWrite(this.failure);
    this.stream ??= this.begin();
    this.countNow++;
    if (!this.stream.write(rejectLine(reject))) {
      await once(this.stream, 'drain').catch((error: Error) => {
        throw this.cannotWrite(error);
      });
    }
  }

  async close(): Promise<void> {
    const { stream } = this;
    if (stream === undefined) return;
    if (this.failure === undefined) {
      stream.end();
      await once(stream, 'finish').catch(() => undefined);
    }
    if (this.failure) throw this.cannotWrite(this.failure);
  }

  private begin(): WriteStream {
    const stream = createWriteStream(this.path, { encoding: 'utf8' });
    stream.on('error', (error) => (this.failure = error));
    stream.write(`${[...FIXED_COLUMNS, ...this.columns].join(',')}\n`);
    return stream;
  }

  private cannotWrite(error: Error): CliError {
    return new CliError(`The rejects file ${this.path} cannot be written: ${error.message}`);
  }
}

async function firstCharacters(path: string): Promise<string | undefined> {
  try {
    const file = await open(path, 'r');
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(64), 0, 64, 0);
      return buffer.toString('utf8', 0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new CliError(`The rejects file ${path} cannot be written: ${(error as Error).message}`);
  }
}
