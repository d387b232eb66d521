import { resolve } from 'node:path';
import { listOf, oneOf, text, url, type Variables, wholeNumber } from './config-parsers.js';

const CREDITS_EXPIRING_DAYS_MAX = 60;
const HOST_AND_PORT = /^[A-Za-z0-9._:-]{1,253}:[0-9]{1,5}$/;
const SECRET_LENGTH_MIN = 8;
export const PAYOUT_PROVIDERS = ['file', 'stripe'] as const;
export const PAYOUT_SCHEDULES = ['none', 'daily', 'weekly', 'monthly'] as const;
export const PAYOUT_APPROVALS = ['required', 'automatic'] as const;

const secret = text({
  min: SECRET_LENGTH_MIN,
  expected: `the secret as its owner shows it, at least ${SECRET_LENGTH_MIN} characters`,
});

/** What the workers act through: mail, webhooks, payout providers. */
export const WORKER_VARIABLES = {
  SMTP_URL: {
    type: 'smtp:// or smtps:// address',
    description:
      'Mail server that notifications are sent by. Without it mails are written as files into DATA_DIR/outbox.',
    example: 'smtp://user:password@mail.example.com:587',
    secret: true,
    parse: url(['smtp:', 'smtps:'], 'an smtp:// or smtps:// address'),
  },
  MAIL_FROM: {
    type: 'mail address, with or without a name',
    default: 'PromptFlow <no-reply@promptflow.invalid>',
    description: 'Sender of all mails.',
    example: 'PromptFlow <billing@example.com>',
    parse: text({ min: 3, expected: 'a mail address' }),
  },
  CREDITS_EXPIRING_DAYS: {
    type: `whole number from 0 to ${CREDITS_EXPIRING_DAYS_MAX}`,
    default: '7',
    description: 'Days before credits lapse at which their user is told. 0 tells nobody.',
    example: '3',
    parse: wholeNumber({ min: 0, max: CREDITS_EXPIRING_DAYS_MAX }),
  },
  WEBHOOK_ALLOWED_HOSTS: {
    type: 'list of host:port',
    description:
      'Receivers of webhooks that may have private addresses or speak plain http, for example inside your own network. All others need https and a public address.',
    example: 'hooks.internal:8443',
    parse: listOf(HOST_AND_PORT, 'a list of host:port, separated by commas, without repetition'),
  },
  PAYOUT_PROVIDER: {
    type: PAYOUT_PROVIDERS.join(' or '),
    default: 'file',
    description:
      'How creators are paid: file writes bank transfers as CSV for manual payment, stripe makes transfers to connected accounts.',
    example: 'stripe',
    parse: oneOf(PAYOUT_PROVIDERS),
  },
  PAYOUT_SCHEDULE: {
    type: PAYOUT_SCHEDULES.join(', '),
    default: 'none',
    description:
      'When a payout run over all creators is prepared: at the beginning of each day, of each week (Monday) or of each month, UTC.',
    example: 'monthly',
    parse: oneOf(PAYOUT_SCHEDULES),
  },
  PAYOUT_APPROVAL: {
    type: PAYOUT_APPROVALS.join(' or '),
    default: 'required',
    description: 'Whether a prepared payout run waits until finance approves it.',
    example: 'automatic',
    parse: oneOf(PAYOUT_APPROVALS),
  },
  PAYOUT_FILES_DIR: {
    type: 'folder',
    description: 'Where the file provider writes its CSV files. Without it DATA_DIR/payouts.',
    example: '/var/lib/promptflow/payouts',
    parse: (raw: string) => resolve(raw),
  },
  STRIPE_SECRET_KEY: {
    type: 'text',
    description:
      'Secret key of the Stripe account that transfers are made from; PAYOUT_PROVIDER=stripe needs it.',
    example: 'sk_test_0123456789',
    secret: true,
    parse: secret,
  },
  STRIPE_API_URL: {
    type: 'http:// or https:// address',
    default: 'https://api.stripe.com',
    description: 'Address of the Stripe API; another one for a proxy or a test.',
    example: 'http://127.0.0.1:12111',
    parse: url(['http:', 'https:'], 'an http:// or https:// address'),
  },
  STRIPE_CONNECT_WEBHOOK_SECRET: {
    type: 'text',
    description:
      'Signing secrets of the endpoint /api/payouts/webhooks/stripe, separated by commas while one is replaced. Without it the endpoint refuses everything.',
    example: 'whsec_0123456789',
    secret: true,
    parse: secret,
  },
} as const satisfies Variables;
