import { createHash } from 'node:crypto';
import { CliError } from '../failure.js';
import { type CsvRecord, CsvReader } from '../files/csv.js';
import { readPieces } from '../files/read-pieces.js';
import { type ChargeItem, chargeOfRow, formOfHeader, USAGE_FORMS, type UsageForm } from './forms.js';
import type { UsageOptions } from './options.js';

/** What the first reading of a file found. */
export interface Survey {
  readonly form: UsageForm;
  /** 64 hex digits. */
  readonly sha256: string;
  /** First 12 digits of `sha256`: names the file in run ids, payment ids and keys. */
  readonly prefix: string;
  /** Data rows, those that cannot be read included. */
  readonly rows: number;
  /** Everyone whom a readable row names as the payer, in order of first appearance. */
  readonly users: readonly string[];
  /** The models that each of them runs. */
  readonly modelsOf: ReadonlyMap<string, ReadonlySet<string>>;
}

export type UsageRow =
  | {
      readonly kind: 'charge';
      readonly line: number;
      readonly cells: readonly string[];
      readonly item: ChargeItem;
    }
  | {
      readonly kind: 'malformed';
      readonly line: number;
      readonly cells: readonly string[];
      readonly reason: string;
    };

const PREFIX_DIGITS = 12;
const HEADER_SHOWN_MAX = 120;

/** Reads the whole file once: which form, whose rows, and the hash that names it. @throws CliError */
export async function surveyUsage(path: string, options: UsageOptions): Promise<Survey> {
  const hash = createHash('sha256');
  const modelsOf = new Map<string, Set<string>>();
  let form: UsageForm | undefined;
  let rows = 0;
  for await (const records of readRecords(path, (bytes) => hash.update(bytes))) {
    for (const record of records) {
      if (form === undefined) {
        form = recognise(path, record);
        continue;
      }
      // Run ids are made of the hash, which is not known yet; who pays does not depend on it.
      const row = readRow(form, record, { index: rows++, runPrefix: '', options });
      if (row.kind === 'charge') noteModel(modelsOf, row.item);
    }
  }
  if (form === undefined) throw new CliError(`${path} is empty. ${EXPECTED_HEADERS}`);
  const sha256 = hash.digest('hex');
  return {
    form,
    sha256,
    prefix: sha256.slice(0, PREFIX_DIGITS),
    rows,
    users: [...modelsOf.keys()],
    modelsOf,
  };
}

function noteModel(modelsOf: Map<string, Set<string>>, { userId, model }: ChargeItem): void {
  const models = modelsOf.get(userId);
  if (models === undefined) modelsOf.set(userId, new Set([model]));
  else models.add(model);
}

/**
 * Reads the file's rows in order, by the form that the survey found.
 * @throws CliError when the file is not the one surveyed any more
 */
export async function* readUsage(
  path: string,
  { form, sha256, prefix }: Survey,
  options: UsageOptions,
): AsyncGenerator<UsageRow[]> {
  const hash = createHash('sha256');
  let header = true;
  let index = 0;
  for await (const records of readRecords(path, (bytes) => hash.update(bytes))) {
    const rows: UsageRow[] = [];
    for (const record of records) {
      if (header) header = false;
      else rows.push(readRow(form, record, { index: index++, runPrefix: prefix, options }));
    }
    if (rows.length > 0) yield rows;
  }
  if (hash.digest('hex') !== sha256) {
    throw new CliError(`${path} was changed while it was imported. Import a copy that stays as it is.`);
  }
}

function readRow(
  form: UsageForm,
  { line, cells, problem }: CsvRecord,
  context: Parameters<typeof chargeOfRow>[2],
): UsageRow {
  if (problem !== undefined) return { kind: 'malformed', line, cells, reason: problem };
  const charge = chargeOfRow(form, cells, context);
  return charge.ok
    ? { kind: 'charge', line, cells, item: charge.value }
    : { kind: 'malformed', line, cells, reason: charge.error };
}

const EXPECTED_HEADERS = `Expected one of these headers in the first line:\n${USAGE_FORMS.map(
  ({ name, columns }) => `  ${columns.join(',')}   (${name})`,
).join('\n')}`;

function recognise(path: string, { cells }: CsvRecord): UsageForm {
  const form = formOfHeader(cells);
  if (form) return form;
  const shown = cells.join(',').slice(0, HEADER_SHOWN_MAX);
  throw new CliError(
    `${path} begins with ${JSON.stringify(shown)}, which is no header of usage. ${EXPECTED_HEADERS}`,
  );
}

async function* readRecords(path: string, onBytes: (bytes: Buffer) => void): AsyncGenerator<CsvRecord[]> {
  const reader = new CsvReader();
  for await (const piece of readPieces(path, onBytes)) yield reader.push(piece);
  yield reader.end();
}
