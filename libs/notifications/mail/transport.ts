import { open, mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { createTransport, type SendMailOptions } from 'nodemailer';
import { bareAddress } from './address.js';
import type { Mail } from './compose.js';

/** Hands mails over. Throws what went wrong: see `mailFault`. */
export interface MailTransport {
  /** Words for people, for the log. */
  readonly name: string;
  send(mail: Mail): Promise<void>;
  close(): void;
}

/** Each step of the talk with a server; all of them together stay within the time of a lease. */
const CONNECT_TIMEOUT_MS = 10_000;
const SILENCE_TIMEOUT_MS = 20_000;
const CONNECTIONS_MAX = 4;

const optionsOf = ({
  messageId,
  from,
  to,
  headers,
  ...mail
}: Mail): SendMailOptions & { readonly baseBoundary: string } => ({
  ...mail,
  messageId: `<${messageId}>`,
  from,
  // As an object: it is one address, whatever it looks like.
  to: { name: '', address: to },
  envelope: { from: bareAddress(from), to: [to] },
  headers: { ...headers },
  // Bytes that follow from the mail alone: a second try is the same mail.
  baseBoundary: messageId.slice(0, messageId.indexOf('@')),
  // Texts are ours and users'; none of them may name a file or an address to be read.
  disableFileAccess: true,
  disableUrlAccess: true,
});

/** By a mail server: `smtp://user:password@host:587`, or `smtps://` for TLS from the beginning. */
export function smtpTransport(url: string): MailTransport {
  const transport = createTransport({
    url,
    pool: true,
    maxConnections: CONNECTIONS_MAX,
    connectionTimeout: CONNECT_TIMEOUT_MS,
    greetingTimeout: CONNECT_TIMEOUT_MS,
    dnsTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: SILENCE_TIMEOUT_MS,
  });
  return {
    name: `the mail server ${new URL(url).host}`,
    send: async (mail) => void (await transport.sendMail(optionsOf(mail))),
    close: () => transport.close(),
  };
}

const OWNER_ONLY = 0o600;

/** As files `<Message-ID>.eml` in a folder: a mail sent twice is one file. */
export function outboxTransport(folder: string): MailTransport {
  const composer = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });
  return {
    name: `files in ${folder}`,
    send: async (mail) => {
      const { message } = await composer.sendMail(optionsOf(mail));
      await mkdir(folder, { recursive: true });
      // Message-IDs are made of ids of ours and the sender's host name, so they are names of files.
      const file = join(folder, `${mail.messageId}.eml`);
      const handle = await open(`${file}.new`, 'w', OWNER_ONLY);
      try {
        await handle.writeFile(message as Buffer);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(`${file}.new`, file);
    },
    close: () => composer.close(),
  };
}
