import type { Locale } from '../kinds.js';
import { htmlMail, plainMail, type StoredNote, textOf } from '../texts/render.js';
import { bareAddress } from './address.js';

/** A mail as it goes to a transport. */
export interface Mail {
  /** Without angle brackets; the same for every try of one delivery. */
  readonly messageId: string;
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly date: Date;
  readonly headers: Readonly<Record<string, string>>;
}

export interface MailOf {
  readonly deliveryId: string;
  readonly note: StoredNote;
  readonly locale: Locale;
  /** When it happened, milliseconds since the epoch. */
  readonly at: number;
  readonly to: string;
  /** `Name <address>` or an address. */
  readonly from: string;
}

const SUBJECT_LENGTH_MAX = 200;
const UNSUBSCRIBE = 'unsubscribe';

const FOOTER = 'PromptFlow sends this mail because of your notification settings.';
const CAMPAIGN_FOOTER = `${FOOTER} Answer with the subject "${UNSUBSCRIBE}" to get no more announcements.`;

/** The same delivery makes the same mail, whoever sends it and however often. */
export function composeMail({ deliveryId, note, locale, at, to, from }: MailOf): Mail {
  const text = textOf(note, locale);
  const sender = bareAddress(from);
  const announced = note.kind === 'announcement';
  const footer = announced ? CAMPAIGN_FOOTER : FOOTER;
  return {
    messageId: `${deliveryId}@${sender.slice(sender.lastIndexOf('@') + 1)}`,
    from,
    to,
    subject: text.title.slice(0, SUBJECT_LENGTH_MAX),
    text: plainMail(text, footer),
    html: htmlMail(text, footer),
    date: new Date(at),
    headers: {
      // Out-of-office notes are not wanted (RFC 3834).
      'Auto-Submitted': 'auto-generated',
      ...(announced
        ? { 'List-Unsubscribe': `<mailto:${sender}?subject=${UNSUBSCRIBE}>`, Precedence: 'bulk' }
        : {}),
    },
  };
}
