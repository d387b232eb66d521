import { withoutAddresses } from './address.js';

/** What a failed try says about the mail. */
export type MailFault =
  /** The address is refused for good: it gets no more mail. */
  | { readonly kind: 'address_refused'; readonly status: number; readonly detail: string }
  /** This mail is refused for good; the address may get others. */
  | { readonly kind: 'mail_refused'; readonly status: number; readonly detail: string }
  /** Not now: the same mail is tried again. */
  | { readonly kind: 'later'; readonly status?: number; readonly detail: string }
  /** No mail gets through at present: the server is away, or does not let us in. */
  | { readonly kind: 'server'; readonly status?: number; readonly detail: string };

const DETAIL_LENGTH_MAX = 200;
const PERMANENT = 500;

interface SmtpError {
  readonly code?: unknown;
  readonly command?: unknown;
  readonly response?: unknown;
  readonly responseCode?: unknown;
  readonly message: string;
}

/** Codes of nodemailer that concern one mail; all others concern the server. */
const OF_ONE_MAIL = new Set(['EENVELOPE', 'EMESSAGE']);
/** Enhanced status codes (RFC 3463): a reason of its own that is neither the address nor a mailbox that is closed. */
const OTHER_REASON = /^\d{3}[ -]5\.(?!1\.)(?!2\.1)\d/;

/**
 * Reads an error of the transport. Only a permanent answer to the recipient that gives no other reason condemns an address; a
 * server that dislikes the content (spam filters do) or has a policy condemns the mail.
 */
export function mailFault(error: unknown): MailFault {
  const { code, command, response, responseCode, message } = error as SmtpError;
  const status = typeof responseCode === 'number' ? responseCode : undefined;
  const detail = withoutAddresses(message).slice(0, DETAIL_LENGTH_MAX);
  const answered = status === undefined ? {} : { status };
  // A sender that is refused is refused for every mail.
  const ofOneMail = typeof code === 'string' && OF_ONE_MAIL.has(code) && command !== 'MAIL FROM';
  if (!ofOneMail) return { kind: 'server', ...answered, detail };
  if (status === undefined || status < PERMANENT) return { kind: 'later', ...answered, detail };
  const ofAddress = command === 'RCPT TO' && !(typeof response === 'string' && OTHER_REASON.test(response));
  return { kind: ofAddress ? 'address_refused' : 'mail_refused', status, detail };
}
