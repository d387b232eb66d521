import type { Pool } from 'pg';
import { platformSql } from './sql-file.js';

/** One snapshot of one stream, as `platform.snapshots` keeps it. */
export interface StoredSnapshot {
  readonly version: number;
  readonly logId: string;
  readonly revision: number;
  readonly position: bigint;
  readonly eventId: string;
  readonly data: string;
  readonly checksum: string;
}

interface Columns {
  readonly version: number;
  readonly log_id: string;
  readonly revision: number;
  readonly position: string;
  readonly event_id: string;
  readonly checksum: string;
  readonly data: string;
}

/** Snapshots in Postgres, whatever keeps the log. What is in them is nobody's truth: losing them costs time. */
export class PostgresSnapshots {
  private readonly loadSql = platformSql('load-snapshot.sql');
  private readonly saveSql = platformSql('save-snapshot.sql');

  constructor(private readonly pool: Pool) {}

  async load(stream: string, version: number): Promise<StoredSnapshot | undefined> {
    const { rows } = await this.pool.query<Columns>({
      name: 'load-snapshot',
      text: this.loadSql,
      values: [stream, version],
    });
    const [row] = rows;
    if (row === undefined) return undefined;
    const { log_id: logId, event_id: eventId, position, ...rest } = row;
    return { ...rest, logId, eventId, position: BigInt(position) };
  }

  async save(stream: string, snapshot: StoredSnapshot): Promise<void> {
    const { version, logId, revision, position, eventId, checksum, data } = snapshot;
    await this.pool.query({
      name: 'save-snapshot',
      text: this.saveSql,
      values: [stream, version, logId, revision, String(position), eventId, checksum, data],
    });
  }
}
