import { randomBytes, randomUUID } from 'node:crypto';
import { ForeignPositionError } from '#libs/event-store/errors.js';
import type { Position } from '#libs/event-store/port.js';
import type { LogClient } from './log-client.js';
import type { LogNames } from './log-names.js';
import type { LogReader } from './log-reader.js';
import { appendAnswer, appendMessages } from './wire.js';

const LOG_ID = /^[0-9a-f]{8}$/;
const LOG_ID_BYTES = 4;

export interface Identity {
  readonly logId: string;
  /** Of the event that made the log: whatever lies before it is none of its own. */
  readonly begin: Position;
}

export interface IdentityParts {
  readonly client: LogClient;
  readonly reader: LogReader;
  readonly names: LogNames;
  readonly timeoutMs: number;
}

/** Who this log is, kept as the first event of a stream of the adapter's own. The first writer wins. */
export async function openIdentity(parts: IdentityParts): Promise<Identity> {
  const known = await readIdentity(parts);
  if (known) return known;
  const data = JSON.stringify({ logId: randomBytes(LOG_ID_BYTES).toString('hex') });
  const event = { id: randomUUID(), type: 'LogMade.v1', data, metadata: '{}' };
  // A conflict says that another process made it meanwhile: theirs is read.
  appendAnswer(
    await parts.client.append(appendMessages(parts.names.identity, [event], 'no_stream'), parts.timeoutMs),
  );
  const made = await readIdentity(parts);
  if (!made) throw new Error(`Stream ${parts.names.identity} was written and cannot be read.`);
  return made;
}

/** @throws ForeignPositionError when the server now holds another log, or none */
export async function checkIdentity(parts: Pick<IdentityParts, 'reader' | 'names'>, mine: Identity) {
  const now = await readIdentity(parts);
  if (now?.logId === mine.logId && now.begin === mine.begin) return;
  throw new ForeignPositionError(
    `This process was started on log ${mine.logId}, and its server now holds ${now ? `log ${now.logId}` : 'none'}: ` +
      'the log was replaced. Start the process again, and rebuild what was read from the old log.',
  );
}

async function readIdentity({
  reader,
  names,
}: Pick<IdentityParts, 'reader' | 'names'>): Promise<Identity | undefined> {
  const [event] = await reader.readServerStream({ stream: names.identity, from: 0, countMax: 1 });
  if (!event) return undefined;
  const { logId } = JSON.parse(event.data) as { logId?: unknown };
  if (typeof logId !== 'string' || !LOG_ID.test(logId)) {
    throw new Error(
      `Stream ${names.identity} holds no log id in its first event: was it written by something else?`,
    );
  }
  return { logId, begin: event.position };
}
