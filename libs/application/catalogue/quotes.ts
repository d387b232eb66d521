import { createHmac, timingSafeEqual } from 'node:crypto';
import { err, ok, type Result } from '#libs/kernel/result.js';
import type { PricingReference } from '#libs/ledger/pricing/terms.js';
import type { QuotedTerms } from '#libs/ledger/wallet/commands.js';

/** How long a quoted price is honoured. */
export const QUOTE_LIFE_MS = 15 * 60_000;

/** The terms promised, until when, and to whom; without a user, whoever is charged may cite it. */
export interface Quote {
  readonly terms: PricingReference;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  readonly userId?: string;
}

/** Names form and meaning of the text: another form is another version, so that no old quote is misread. */
const VERSION = 'q1';
const FORM = /^q1\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{43})$/;

type Fields = readonly [
  policy: string,
  rateCard: string,
  rateCardVersion: number,
  byokFeeBasisPoints: string,
  expiresAt: number,
  userId: string | null,
];

/** `q1.<terms>.<HMAC-SHA-256>`: nothing is kept, and every process with the same key can read it. */
export function signQuote(key: Uint8Array, { terms, expiresAt, userId }: Quote): string {
  const { policy, rateCard, rateCardVersion, byokFeeBasisPoints } = terms;
  const fields: Fields = [
    policy,
    rateCard,
    rateCardVersion,
    byokFeeBasisPoints.toString(),
    expiresAt,
    userId ?? null,
  ];
  const payload = Buffer.from(JSON.stringify(fields)).toString('base64url');
  return `${VERSION}.${payload}.${signature(key, payload)}`;
}

/**
 * The terms a quote promises to `userId`. The error says what was expected, for the field `quoteId`; that it has
 * expired is not one: the decider judges that in its order.
 */
export function readQuote(key: Uint8Array, text: string, userId: string): Result<QuotedTerms, string> {
  const match = FORM.exec(text);
  const payload = match?.[1];
  if (match === null || payload === undefined || !isSigned(key, payload, match[2]!))
    return err('must be the quoteId of a calculate-cost answer, unchanged: ask for a new one');
  const fields = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Fields;
  const [policy, rateCard, rateCardVersion, byokFeeBasisPoints, expiresAt, quotedTo] = fields;
  if (quotedTo !== null && quotedTo !== userId)
    return err('must be a quote for the user who pays: this one names another');
  return ok({ policy, rateCard, rateCardVersion, byokFeeBasisPoints: BigInt(byokFeeBasisPoints), expiresAt });
}

function isSigned(key: Uint8Array, payload: string, given: string): boolean {
  return timingSafeEqual(Buffer.from(signature(key, payload)), Buffer.from(given));
}

/** The prefix keeps quotes apart from everything else that is signed with the same key. */
const signature = (key: Uint8Array, payload: string): string =>
  createHmac('sha256', key).update(`quote.${VERSION}.${payload}`).digest('base64url');
