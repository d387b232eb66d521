import { randomBytes } from 'node:crypto';
import { Webhook } from 'standardwebhooks';

/** As the Standard Webhooks ask for: 24 to 64 bytes. */
const SECRET_BYTES = 32;
const PREFIX = 'whsec_';

/** A new signing secret, as its owner is shown it. */
export const newSecret = (): string => `${PREFIX}${randomBytes(SECRET_BYTES).toString('base64')}`;

export interface Unsigned {
  /** `webhook-id`: the same for every try of one delivery. */
  readonly id: string;
  readonly body: string;
  /** All that are valid now; while a secret is replaced there are two. */
  readonly secrets: readonly string[];
  /** Of this try, milliseconds since the epoch. */
  readonly now: number;
}

/** Headers of the Standard Webhooks: one signature a secret, so a receiver may know either. */
export function signedHeaders({ id, body, secrets, now }: Unsigned): Readonly<Record<string, string>> {
  const time = new Date(now);
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(now / 1_000)),
    'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(id, time, body)).join(' '),
  };
}
