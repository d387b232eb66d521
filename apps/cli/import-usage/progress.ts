/** Where a long piece of work stands. */
export interface ProgressAt {
  readonly done: number;
  readonly total: number;
  /** Since it began. */
  readonly seconds: number;
  /** What is counted, in the plural. Default: rows. */
  readonly unit?: string;
}

export interface ProgressOutput {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const BAR_CELLS_MAX = 30;
const BAR_CELLS_MIN = 5;
const COLUMNS_DEFAULT = 80;
const TERMINAL_EVERY_MS = 100;
const PLAIN_EVERY_MS = 2_000;
const MINUTE_S = 60;
/** Before this a rate is chance, and the time left a fright. */
const RATE_AFTER_S = 0.5;
const CLEAR_LINE = '\r\u001b[K';

const count = (value: number): string => Math.round(value).toLocaleString('en-US');

/** Seconds as people say them: `8 s`, `2 min 05 s`, `1 h 02 min`. */
export function durationText(seconds: number): string {
  const whole = Math.ceil(seconds);
  const minutes = Math.floor(whole / MINUTE_S);
  const pad = (value: number): string => String(value).padStart(2, '0');
  if (minutes === 0) return `${whole} s`;
  if (minutes < MINUTE_S) return `${minutes} min ${pad(whole % MINUTE_S)} s`;
  return `${Math.floor(minutes / MINUTE_S)} h ${pad(minutes % MINUTE_S)} min`;
}

/** `12,345 / 19,366 rows  8,200 rows/s  1 s left`; without a rate until there is one. */
export function progressText({ done, total, seconds, unit = 'rows' }: ProgressAt): string {
  const rate = seconds >= RATE_AFTER_S ? done / seconds : 0;
  const rows = `${count(done)} / ${count(total)} ${unit}`;
  if (rate === 0) return rows;
  const left = done >= total ? 'done' : `${durationText((total - done) / rate)} left`;
  return `${rows}  ${count(rate)} ${unit}/s  ${left}`;
}

/** The line of a terminal: bar, then text, never wider than `columns`. */
export function progressBar(at: ProgressAt, columns: number): string {
  const share = at.total === 0 ? 1 : Math.min(1, at.done / at.total);
  const text = `${String(Math.floor(100 * share)).padStart(3)} %  ${progressText(at)}`;
  const cells = Math.min(BAR_CELLS_MAX, columns - text.length - '[]  '.length);
  if (cells < BAR_CELLS_MIN) return text.slice(0, Math.max(0, columns - 1));
  const filled = Math.round(share * cells);
  return `[${'#'.repeat(filled)}${'-'.repeat(cells - filled)}] ${text}`;
}

/** Shows progress: one line drawn over on a terminal, otherwise a plain line now and then. */
export class Progress {
  private readonly startedAt = performance.now();
  private shownAt: number;
  private lineOpen = false;

  constructor(
    private readonly output: ProgressOutput,
    private readonly total: number,
    private readonly unit = 'rows',
  ) {
    // A plain line says how it goes, and there is nothing to say yet.
    this.shownAt = output.isTTY === true ? -Infinity : this.startedAt;
  }

  update(done: number): void {
    const now = performance.now();
    const terminal = this.output.isTTY === true;
    if (now - this.shownAt < (terminal ? TERMINAL_EVERY_MS : PLAIN_EVERY_MS)) return;
    this.shownAt = now;
    this.show(done);
  }

  /** A line of its own that does not tear the bar. */
  note(message: string): void {
    this.output.write(`${this.lineOpen ? CLEAR_LINE : ''}${message}\n`);
    this.lineOpen = false;
  }

  /** Takes the bar away, for the next one. */
  clear(): void {
    if (this.lineOpen) this.output.write(CLEAR_LINE);
    this.lineOpen = false;
  }

  /** The last state, and the line is left. */
  end(done: number): void {
    this.show(done);
    if (this.lineOpen) this.output.write('\n');
    this.lineOpen = false;
  }

  private show(done: number): void {
    const at = {
      done,
      total: this.total,
      unit: this.unit,
      seconds: (performance.now() - this.startedAt) / 1000,
    };
    if (this.output.isTTY === true) {
      this.output.write(CLEAR_LINE + progressBar(at, this.output.columns ?? COLUMNS_DEFAULT));
      this.lineOpen = true;
    } else {
      this.output.write(`${progressText(at)}\n`);
    }
  }
}
