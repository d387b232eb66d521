import type { Endpoint } from './endpoint.js';

const ID = '5f0c1a2b-3c4d-8e6f-a012-3456789abcde';
const WEBHOOK = `/api/notifications/webhooks/${ID}`;
const OWNED = { pathIds: { id: ID }, valid: { userId: 'u-1' }, ids: ['userId'] };
const HTTPS = 'https://hooks.example.com/in';
const TYPES = ['promptflow.credits.added.v1'];

/** What is told to people, and to their webhooks. Addresses of webhooks have a table of their own beside the code. */
export const NOTIFICATIONS: readonly Endpoint[] = [
  { path: `/api/notifications/${ID}/read`, ...OWNED, keyed: false },
  {
    path: '/api/notifications/preferences',
    method: 'PUT',
    keyed: false,
    valid: { userId: 'u-1', email: 'bea@example.com', emailVerified: true, locale: 'en', channels: {} },
    optional: ['emailVerified', 'locale', 'channels'],
    ids: ['userId'],
    own: [
      ['two addresses', { email: 'a@example.com, b@example.com' }, 'email'],
      ['an address with a name', { email: 'Bea <bea@example.com>' }, 'email'],
      ['a header in an address', { email: 'bea@example.com\r\nBcc: x@example.com' }, 'email'],
      ['an address without a domain', { email: 'bea' }, 'email'],
      ['an address of a bare host', { email: 'bea@localhost' }, 'email'],
      ['an empty address', { email: '' }, 'email'],
      ['verified as text', { emailVerified: 'true' }, 'emailVerified'],
      ['an unknown language', { locale: 'tlh' }, 'locale'],
      ['channels as an array', { channels: [] }, 'channels'],
      ['an unknown kind', { channels: { gossip: { email: true } } }, 'channels.gossip'],
      ['an unknown channel', { channels: { low_balance: { sms: true } } }, 'channels.low_balance.sms'],
      ['a channel as text', { channels: { low_balance: { email: 'no' } } }, 'channels.low_balance.email'],
      ['when it bounced', { emailBouncedAt: '2026-11-20T00:00:00Z' }, 'emailBouncedAt'],
    ],
  },
  {
    path: '/api/notifications/webhooks',
    valid: { userId: 'u-1', url: HTTPS, types: TYPES },
    ids: ['userId'],
    own: [
      ['plain http', { url: 'http://hooks.example.com/' }, 'url'],
      ['loopback', { url: 'https://127.0.0.1/' }, 'url'],
      ['loopback in decimal', { url: 'https://2130706433/' }, 'url'],
      ['loopback mapped', { url: 'https://[::ffff:127.0.0.1]/' }, 'url'],
      ['metadata of a cloud', { url: 'https://169.254.169.254/' }, 'url'],
      ['user and password', { url: 'https://a:b@hooks.example.com/' }, 'url'],
      ['a file', { url: 'file:///etc/passwd' }, 'url'],
      ['an address as an object', { url: { href: HTTPS } }, 'url'],
      ['no types', { types: [] }, 'types'],
      ['types as text', { types: TYPES[0] }, 'types'],
      ['an unknown type', { types: ['promptflow.everything.v1'] }, 'types'],
      ['a type twice', { types: [...TYPES, ...TYPES] }, 'types'],
      ['a secret of its own', { secret: 'whsec_AAAA' }, 'secret'],
    ],
  },
  { path: WEBHOOK, method: 'DELETE', pathIds: { id: ID }, valid: { userId: 'u-1' } },
  { path: `${WEBHOOK}/rotate-secret`, ...OWNED },
  { path: `${WEBHOOK}/enable`, ...OWNED },
  { path: `${WEBHOOK}/test`, ...OWNED },
  { path: `/api/notifications/deliveries/${ID}/redeliver`, ...OWNED },
  {
    path: '/api/notifications/campaigns',
    valid: {
      campaignId: 'c-1',
      title: 'News',
      body: 'All.',
      plans: ['PRO'],
      channels: ['inApp'],
      dryRun: true,
    },
    optional: ['dryRun'],
    ids: ['campaignId'],
    own: [
      ['an empty title', { title: ' ' }, 'title'],
      ['a title of two lines', { title: 'a\nb' }, 'title'],
      ['a title of 121 characters', { title: 'x'.repeat(121) }, 'title'],
      ['a header in the title', { title: 'a\r\nBcc: x@example.com' }, 'title'],
      ['NUL in the text', { body: 'a\0b' }, 'body'],
      ['a text that steers', { body: 'a\u202eb' }, 'body'],
      ['a text of 10,001 characters', { body: 'x'.repeat(10_001) }, 'body'],
      ['an unknown plan', { plans: ['GOLD'] }, 'plans'],
      ['no plans', { plans: [] }, 'plans'],
      ['an unknown channel', { channels: ['sms'] }, 'channels'],
      ['a recipient of its own', { userIds: ['u-1'] }, 'userIds'],
    ],
  },
  {
    path: '/api/notifications/campaigns/c-1/cancel',
    pathIds: { id: 'c-1' },
    valid: {},
    own: [['a field', { reason: 'x' }, 'reason']],
  },
];
