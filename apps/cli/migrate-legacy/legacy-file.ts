import { parse } from 'lossless-json';
import { type CsvRecord, CsvReader } from '../files/csv.js';
import { readPieces } from '../files/read-pieces.js';
import { CliError } from '../failure.js';
import type { LegacyUnit } from './convert.js';
import {
  LEGACY_FIELDS,
  type LegacyField,
  type LegacyFields,
  type LegacyWallet,
  readLegacyRow,
} from './legacy-row.js';

export interface Problem {
  /** 1-based line of the file. */
  readonly line: number;
  readonly userId: string;
  readonly reason: string;
}

export interface LegacyFile {
  readonly wallets: readonly LegacyWallet[];
  readonly problems: readonly Problem[];
  /** Rows that say once more what an earlier one said. */
  readonly repeated: number;
}

interface Row {
  readonly line: number;
  readonly fields: LegacyFields;
  readonly problem?: string;
}

const NO_FIELDS: LegacyFields = { userId: '', credits: '', plan: '', purchased: '', monthly: '' };

/** Reads and judges the whole file: CSV with a header, or JSON lines. @throws CliError when it is neither */
export async function readLegacyFile(path: string, unit: LegacyUnit): Promise<LegacyFile> {
  const wallets = new Map<string, { readonly line: number; readonly wallet: LegacyWallet }>();
  const problems: Problem[] = [];
  let repeated = 0;
  let rows = 0;
  for await (const { line, fields, problem } of readRows(path)) {
    rows++;
    const found = (reason: string) => problems.push({ line, userId: fields.userId, reason });
    if (problem !== undefined) {
      found(problem);
      continue;
    }
    const row = readLegacyRow(fields, unit);
    if (!row.ok) {
      found(row.error.join('; '));
      continue;
    }
    const before = wallets.get(row.value.userId);
    if (before === undefined) wallets.set(row.value.userId, { line, wallet: row.value });
    else if (sameWallet(before.wallet, row.value)) repeated++;
    else found(`line ${before.line} has other balances for this user`);
  }
  if (rows === 0) throw new CliError(`${path} holds no users. ${EXPECTED}`);
  return { wallets: [...wallets.values()].map(({ wallet }) => wallet), problems, repeated };
}

const sameWallet = (a: LegacyWallet, b: LegacyWallet): boolean =>
  a.plan === b.plan && a.purchased === b.purchased && a.monthly === b.monthly && a.other === b.other;

const EXPECTED =
  `Expected CSV whose first line names ${LEGACY_FIELDS.join(', ')} (userId is needed, the others may be missing), ` +
  'or one JSON object a line with these fields.';

async function* readRows(path: string): AsyncGenerator<Row> {
  let read: ((piece: string, ended: boolean) => Iterable<Row>) | undefined;
  let text = '';
  for await (const piece of readPieces(path)) {
    text += piece;
    if (read === undefined && text.trim() === '') continue;
    // The first character that is not blank says which of the two it is.
    read ??= text.trimStart().replace('\ufeff', '').startsWith('{') ? jsonLines() : csvRows(path);
    yield* read(text, false);
    text = '';
  }
  if (read !== undefined) yield* read('', true);
}

function csvRows(path: string): (piece: string, ended: boolean) => Iterable<Row> {
  const reader = new CsvReader();
  let columns: readonly (LegacyField | undefined)[] | undefined;
  return function* (piece, ended) {
    const records = ended ? reader.end() : reader.push(piece);
    for (const record of records) {
      if (columns === undefined) columns = columnsOf(path, record);
      else yield csvRow(columns, record);
    }
  };
}

function columnsOf(path: string, { cells }: CsvRecord): readonly (LegacyField | undefined)[] {
  const columns = cells.map((cell) => LEGACY_FIELDS.find((field) => field === cell.trim()));
  const unknown = cells.find((_cell, i) => columns[i] === undefined);
  const twice = columns.find((column, i) => column !== undefined && columns.indexOf(column) !== i);
  if (unknown !== undefined || twice !== undefined || !columns.includes('userId')) {
    const why =
      unknown === undefined
        ? twice === undefined
          ? 'names no userId'
          : `names ${twice} twice`
        : `names ${JSON.stringify(unknown.slice(0, 60))}`;
    throw new CliError(`${path}: the first line ${why}. ${EXPECTED}`);
  }
  return columns;
}

function csvRow(columns: readonly (LegacyField | undefined)[], { line, cells, problem }: CsvRecord): Row {
  if (problem !== undefined) return { line, fields: NO_FIELDS, problem };
  if (cells.length !== columns.length) {
    return {
      line,
      fields: NO_FIELDS,
      problem: `has ${cells.length} cells, the first line names ${columns.length}`,
    };
  }
  const fields = { ...NO_FIELDS };
  columns.forEach((column, i) => {
    if (column !== undefined) fields[column] = cells[i]!;
  });
  return { line, fields };
}

/** Longest line of JSON, in characters. */
const LINE_CHARS_MAX = 64 * 1024;

function jsonLines(): (piece: string, ended: boolean) => Iterable<Row> {
  let rest = '';
  let line = 0;
  return function* (piece, ended) {
    const lines = (rest + piece).split('\n');
    rest = ended ? '' : lines.pop()!;
    if (rest.length > LINE_CHARS_MAX)
      throw new CliError(`Line ${line + 1} is longer than ${LINE_CHARS_MAX} characters.`);
    for (const text of lines) {
      line++;
      if (text.trim() !== '') yield jsonRow(line, text.replace('\ufeff', ''));
    }
  };
}

/** Numbers are taken as they are written, digit by digit. */
function jsonRow(line: number, text: string): Row {
  const broken = (problem: string): Row => ({ line, fields: NO_FIELDS, problem });
  let value: unknown;
  try {
    value = parse(text, undefined, { parseNumber: (digits) => digits });
  } catch {
    return broken('is not JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return broken('is not a JSON object');
  const fields = { ...NO_FIELDS };
  for (const [name, field] of Object.entries(value as Readonly<Record<string, unknown>>)) {
    const known = LEGACY_FIELDS.find((other) => other === name);
    if (known === undefined)
      return broken(`names ${JSON.stringify(name.slice(0, 60))}, which is no field of a user`);
    if (field !== null && typeof field !== 'string') return broken(`${known} must be text or a number`);
    fields[known] = field ?? '';
  }
  return { line, fields };
}
