import type pg from 'pg';
import type { EventFilter, Position, RecordedEvent, Revision } from '#libs/event-store/port.js';

type Row = readonly [string, string, string, string, string, string, string, string];

/** As Postgres writes them: parsing each column by its type would cost more than reading it. */
const RAW: pg.CustomTypesConfig = { getTypeParser: () => (value: string) => value };

const COLUMNS = 'position, recorded_ms, revision, id, stream, type, data, metadata';
const READ_LOG = { name: 'log-read', text: `select ${COLUMNS} from log.read_log($1, $2, $3, $4, $5)` };
const READ_STREAM = {
  name: 'log-read-stream',
  text: `select ${COLUMNS} from log.read_stream($1, $2, $3)`,
};
const HEAD = { name: 'log-head', text: 'select log.head()' };
const NOW = { name: 'log-now', text: "select date_part('epoch', clock_timestamp()) * 1000" };

/** Plain reads of the log, on the primary. Errors are those of the driver. */
export class LogReader {
  constructor(private readonly pool: pg.Pool) {}

  /** Events behind `after` up to `upTo`, in log order. */
  readLog(
    range: { readonly after: Position; readonly upTo: Position; readonly countMax: number },
    filter: EventFilter = {},
  ): Promise<RecordedEvent[]> {
    const { after, upTo, countMax } = range;
    return this.#events(READ_LOG, [
      String(after),
      String(upTo),
      countMax,
      filter.types ?? null,
      filter.categories ?? null,
    ]);
  }

  readStream(stream: string, from: Revision, countMax: number): Promise<RecordedEvent[]> {
    return this.#events(READ_STREAM, [stream, from, countMax]);
  }

  async head(): Promise<Position> {
    return BigInt(await this.#value(HEAD));
  }

  /** Milliseconds since the epoch by the clock of Postgres. */
  async now(): Promise<number> {
    return Number(await this.#value(NOW));
  }

  async #events(query: { name: string; text: string }, values: unknown[]): Promise<RecordedEvent[]> {
    const { rows } = await this.pool.query<string[]>({ ...query, values, rowMode: 'array', types: RAW });
    return (rows as unknown as Row[]).map(eventOf);
  }

  async #value(query: { name: string; text: string }): Promise<string> {
    const { rows } = await this.pool.query<string[]>({ ...query, rowMode: 'array', types: RAW });
    return rows[0]![0]!;
  }
}

function eventOf(row: Row): RecordedEvent {
  return {
    stream: row[4],
    revision: Number(row[2]),
    position: BigInt(row[0]),
    recordedAt: Number(row[1]),
    id: row[3],
    type: row[5],
    data: row[6],
    metadata: row[7],
  };
}
