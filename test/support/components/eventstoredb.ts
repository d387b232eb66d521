import { randomBytes } from 'node:crypto';
import { startDouble } from '#test/support/eventstoredb-double/double.js';

/** An EventStoreDB for a suite: the one given by `EVENTSTORE_URL`, else the protocol double, and never a word to confuse them. */
export interface EventStoreDbServer {
  /** `EventStoreDB adapter on the protocol double`, or on what was given: for the title of a suite. */
  readonly title: string;
  readonly isDouble: boolean;
  readonly url: string;
  stop(): Promise<void>;
}

const GIVEN = process.env['EVENTSTORE_URL'];

/** Known before anything is started. */
export const EVENTSTOREDB_TITLE =
  GIVEN === undefined
    ? 'EventStoreDB adapter on the protocol double'
    : 'EventStoreDB adapter on the server of EVENTSTORE_URL';

export async function startEventStoreDb(): Promise<EventStoreDbServer> {
  if (GIVEN !== undefined) {
    return { title: EVENTSTOREDB_TITLE, isDouble: false, url: GIVEN, stop: async () => undefined };
  }
  const double = await startDouble();
  return { title: EVENTSTOREDB_TITLE, isDouble: true, url: double.url, stop: () => double.stop() };
}

/** A log of its own on a server that others use too, and that cannot be emptied. */
export function freshNamespace(): string {
  return `t${randomBytes(6).toString('hex')}`;
}
