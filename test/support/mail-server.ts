import { once } from 'node:events';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer } from 'smtp-server';

/** A mail that a server has taken. */
export interface TakenMail {
  readonly to: readonly string[];
  readonly from: string;
  readonly raw: string;
  readonly mail: Email;
}

/** What the server does with the next mails. */
export interface MailBehaviour {
  /** Answer to RCPT TO, for example `550 5.1.1 unknown`. */
  readonly recipient?: string;
  /** Answer to the message itself, after it was read. */
  readonly message?: string;
  /** Takes the message, counts it, and never says so. */
  readonly silent?: boolean;
}

/** A mail server in this process: an independent count of what was sent. */
export interface MailServer {
  readonly url: string;
  readonly taken: readonly TakenMail[];
  behave(behaviour: MailBehaviour): void;
  /** How often each Message-ID has come. */
  counts(): ReadonlyMap<string, number>;
  close(): Promise<void>;
}

const errorOf = (answer: string): Error =>
  Object.assign(new Error(answer.slice(4)), { responseCode: Number(answer.slice(0, 3)) });

export async function startMailServer(port = 0): Promise<MailServer> {
  const taken: TakenMail[] = [];
  let behaviour: MailBehaviour = {};
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    disableReverseLookup: true,
    logger: false,
    onRcptTo: (_address, _session, done) =>
      done(behaviour.recipient === undefined ? null : errorOf(behaviour.recipient)),
    onData: (stream, session, done) => {
      const { message, silent = false } = behaviour;
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        void (async () => {
          const raw = Buffer.concat(chunks);
          if (message !== undefined) return done(errorOf(message));
          const { mailFrom, rcptTo } = session.envelope;
          taken.push({
            to: rcptTo.map(({ address }) => address),
            from: mailFrom === false ? '' : mailFrom.address,
            raw: raw.toString(),
            mail: await PostalMime.parse(raw),
          });
          if (!silent) done();
        })();
      });
    },
  });
  // A client that was killed is no fault of the server.
  server.on('error', () => undefined);
  server.listen(port, '127.0.0.1');
  await once(server.server, 'listening');
  const address = server.server.address();
  if (address === null || typeof address === 'string') throw new Error('The mail server has no port.');
  return {
    url: `smtp://127.0.0.1:${address.port}`,
    taken,
    behave: (next) => {
      behaviour = next;
    },
    counts: () => countsOf(taken.map(({ mail }) => mail.messageId ?? 'none')),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

export function countsOf(ids: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
}
