import type { LongStreamPorts } from '#libs/application/write-path.js';
import type { EventStore } from '#libs/event-store/port.js';
import type { Logger } from '#libs/platform/logging.js';
import { createPool } from '#libs/platform/postgres.js';
import { PostgresSnapshots } from '#libs/platform/snapshots.js';
import { commandOutcomesLookup } from '#projections/command-outcomes/queries.js';

/** Each executor asks on two connections at most. */
const LOOK_UP_CONNECTIONS_MAX = 4;
const SNAPSHOT_CONNECTIONS_MAX = 2;

export interface LongStreamsOptions {
  readonly databaseUrl: string;
  readonly store: Pick<EventStore, 'logId'>;
  readonly log: Logger;
}

/**
 * What lets streams grow long, in Postgres: outcomes for keys and ids that have left memory, and snapshots. Each on
 * connections of its own: a command that looks something up waits for no snapshot and no report.
 */
export function openLongStreams({ databaseUrl, store, log }: LongStreamsOptions): {
  readonly ports: LongStreamPorts;
  readonly close: () => Promise<void>;
} {
  const lookUps = createPool({
    url: databaseUrl,
    applicationName: 'ledger-outcomes',
    max: LOOK_UP_CONNECTIONS_MAX,
  });
  const snapshots = createPool({
    url: withoutWaitingForDisk(databaseUrl),
    applicationName: 'ledger-snapshots',
    max: SNAPSHOT_CONNECTIONS_MAX,
  });
  return {
    ports: {
      outcomes: commandOutcomesLookup(lookUps, store),
      snapshots: new PostgresSnapshots(snapshots),
      onSnapshotTrouble: (err) =>
        log.warn({ err }, 'a snapshot could not be used: the stream is read from its beginning'),
    },
    close: async () => {
      await Promise.all([lookUps.end(), snapshots.end()]);
    },
  };
}

/** A snapshot lost in a crash costs a little time at the next start; charges should not share their fsync with it. */
function withoutWaitingForDisk(databaseUrl: string): string {
  const url = new URL(databaseUrl);
  const given = url.searchParams.get('options');
  url.searchParams.set('options', `${given ?? ''} -c synchronous_commit=off`.trim());
  return url.href;
}
