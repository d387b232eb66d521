/** One record of a CSV text. */
export interface CsvRecord {
  /** 1-based line of the file on which it begins. */
  readonly line: number;
  readonly cells: readonly string[];
  /** Why the record cannot be read; `cells` then hold the raw text. */
  readonly problem?: string;
}

/** Longest record, in characters. A quote left open would otherwise swallow the rest of the file. */
export const RECORD_CHARS_MAX = 64 * 1024;

const BYTE_ORDER_MARK = '\ufeff';
const BLANK = /^[ \t\r]*$/;

/**
 * Reads CSV (RFC 4180) piece by piece: quoted cells, CRLF or LF, a byte order mark, blank lines (passed over) and a
 * last line without line end. A record that cannot be read is handed over with its problem, and reading goes on with
 * the line after the one it began on.
 */
export class CsvReader {
  private text = '';
  private line = 1;
  private started = false;
  /** In the middle of a line that was too long and has been reported. */
  private skipping = false;

  /** Takes the next piece of the text; the records that are complete by now. */
  push(piece: string): CsvRecord[] {
    this.text += piece;
    return this.read(false);
  }

  /** The text has ended; the records that were still open. */
  end(): CsvRecord[] {
    return this.read(true);
  }

  private read(ended: boolean): CsvRecord[] {
    const records: CsvRecord[] = [];
    let at = 0;
    if (!this.started && this.text.length > 0) {
      this.started = true;
      if (this.text.startsWith(BYTE_ORDER_MARK)) at = 1;
    }
    let quote = this.text.indexOf('"', at);
    while (at < this.text.length) {
      if (quote !== -1 && quote < at) quote = this.text.indexOf('"', at);
      const next = this.readRecord({ at, quote, ended }, records);
      if (next === undefined) break;
      at = next;
    }
    this.text = this.text.slice(at);
    return records;
  }

  /** Index behind the record that begins at `at`; undefined when more text is needed. */
  private readRecord(
    { at, quote, ended }: { readonly at: number; readonly quote: number; readonly ended: boolean },
    records: CsvRecord[],
  ): number | undefined {
    const newline = this.text.indexOf('\n', at);
    const lineEnd = newline === -1 ? this.text.length : newline;
    if (newline === -1 && !ended) return this.tooLong(at, lineEnd, records);
    if (this.skipping) {
      this.skipping = false;
      this.line++;
      return lineEnd + 1;
    }
    const quoted = quote !== -1 && quote < lineEnd;
    if (quoted) return this.readQuoted({ at, lineEnd, ended }, records);
    const raw = this.text.slice(at, this.text[lineEnd - 1] === '\r' && lineEnd > at ? lineEnd - 1 : lineEnd);
    if (!BLANK.test(raw)) this.add(records, at, lineEnd, { cells: raw.split(',') });
    this.line++;
    return lineEnd + 1;
  }

  private readQuoted(
    { at, lineEnd, ended }: { readonly at: number; readonly lineEnd: number; readonly ended: boolean },
    records: CsvRecord[],
  ): number | undefined {
    const found = parseQuoted(this.text, at);
    const tooLong = this.text.length - at > RECORD_CHARS_MAX;
    // What ends with the text so far may go on in the next piece.
    const open =
      found.kind === 'open' || (found.kind === 'record' && found.end >= this.text.length && !ended);
    if (open && !ended && !tooLong) return undefined;
    if (found.kind === 'record' && !open) {
      this.add(records, at, found.end, { cells: found.cells });
      this.line += 1 + found.lineBreaks;
      return found.end + 1;
    }
    const problem = found.kind === 'broken' ? found.problem : 'a quote opened on this line is not closed';
    records.push({ line: this.line++, cells: [this.text.slice(at, lineEnd).trimEnd()], problem });
    return lineEnd + 1;
  }

  private add(
    records: CsvRecord[],
    at: number,
    end: number,
    { cells }: { readonly cells: readonly string[] },
  ): void {
    if (end - at <= RECORD_CHARS_MAX) records.push({ line: this.line, cells });
    else records.push({ line: this.line, cells: [], problem: TOO_LONG });
  }

  private tooLong(at: number, textEnd: number, records: CsvRecord[]): number | undefined {
    if (this.skipping) return textEnd;
    if (textEnd - at <= RECORD_CHARS_MAX) return undefined;
    records.push({ line: this.line, cells: [], problem: TOO_LONG });
    this.skipping = true;
    return textEnd;
  }
}

const TOO_LONG = `the line is longer than ${RECORD_CHARS_MAX} characters`;

type Quoted =
  | {
      readonly kind: 'record';
      readonly cells: readonly string[];
      /** Index of the line end behind the record, or of the end of the text. */
      readonly end: number;
      readonly lineBreaks: number;
    }
  | { readonly kind: 'open' }
  | { readonly kind: 'broken'; readonly problem: string };

/** Reads the record at `start`, which holds a quote. */
function parseQuoted(text: string, start: number): Quoted {
  const cells: string[] = [];
  let lineBreaks = 0;
  for (let at = start; ;) {
    if (text[at] === '"') {
      const close = closingQuote(text, at + 1);
      if (close === -1) return { kind: 'open' };
      const cell = text.slice(at + 1, close);
      lineBreaks += cell.split('\n').length - 1;
      cells.push(cell.replaceAll('""', '"'));
      at = close + 1;
    } else {
      let end = at;
      while (end < text.length && text[end] !== ',' && text[end] !== '\n') end++;
      const atLineEnd = text[end] !== ',';
      const cell = text.slice(at, atLineEnd && text[end - 1] === '\r' && end > at ? end - 1 : end);
      if (cell.includes('"')) return { kind: 'broken', problem: 'a quote stands inside an unquoted cell' };
      cells.push(cell);
      at = end;
    }
    if (text[at] === '\r' && (text[at + 1] === '\n' || at + 1 === text.length)) at++;
    if (at >= text.length || text[at] === '\n') return { kind: 'record', cells, end: at, lineBreaks };
    if (text[at] !== ',') return { kind: 'broken', problem: 'text follows a closing quote' };
    at++;
  }
}

/** Index of the quote that closes a cell opened before `from`; two quotes in a row stand for one. */
function closingQuote(text: string, from: number): number {
  for (let at = from; ;) {
    const quote = text.indexOf('"', at);
    if (quote === -1) return -1;
    if (text[quote + 1] !== '"') return quote;
    at = quote + 2;
  }
}
