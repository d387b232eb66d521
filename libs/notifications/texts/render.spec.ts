import { NOTE_KINDS } from '../kinds.js';
import { bodyOf, htmlMail, plainMail, type StoredNote, textOf } from './render.js';
import { creditsText, timeText } from './text.js';

const EXPIRES = '2026-11-27T16:00:00.000Z';
const NOTES: readonly StoredNote[] = [
  { kind: 'low_balance', data: { threshold: '1000000', available: '4998448' } },
  {
    kind: 'credits_added',
    data: { amount: '4998448', origin: 'purchased', available: '4998449', expiresAt: EXPIRES },
  },
  { kind: 'monthly_credits', data: { amount: '15000000', expiresAt: EXPIRES } },
  { kind: 'credits_expiring', data: { lotId: 'lot-1', amount: '1', expiresAt: EXPIRES } },
  { kind: 'plan_changed', data: { from: 'PRO', to: 'FREE', cause: 'unpaid' } },
  { kind: 'flow_unlocked', data: { flowId: 'f-1', price: '99' } },
  { kind: 'flow_sold', data: { flowId: 'f-1', amount: '80' } },
  {
    kind: 'creator_earnings',
    data: { day: '2026-11-20', earned: '803', runs: 1, flows: 2, reversed: '5', refunds: 1 },
  },
  { kind: 'payout_sent', data: { payoutId: 'po-1', amount: '12340000' } },
  { kind: 'payout_failed', data: { payoutId: 'po-1', amount: '12340000', reason: 'returned' } },
  {
    kind: 'webhook_disabled',
    data: { endpointId: 'e-1', url: 'https://hooks.example.com/in', reason: 'failing' },
  },
  { kind: 'announcement', data: { title: 'Prices change', body: 'First.\n\nSecond <b>.' } },
];

test('there is a sample of every kind', () => {
  expect(NOTES.map(({ kind }) => kind)).toEqual(NOTE_KINDS);
});

test.each(NOTES.map((each) => [each.kind, each] as const))(
  '%s has one line of title and a text',
  (_, each) => {
    const text = textOf(each, 'en');
    expect(text.title).toMatch(/^[^\r\n]{5,120}$/);
    expect(bodyOf(text)).not.toMatch(/undefined|NaN|\[object/);
    expect(plainMail(text, 'Footer')).toContain(text.title);
  },
);

test.each([
  ['0', '0 credits ($0.00)'],
  ['1', '1 credit ($0.000001)'],
  ['4998448', '4,998,448 credits ($4.998448)'],
  ['5000000', '5,000,000 credits ($5.00)'],
  ['999999999999999999', '999,999,999,999,999,999 credits ($999999999999.999999)'],
])('%s credits are shown to the last one', (amount, shown) => expect(creditsText(amount)).toBe(shown));

test('a balance of $4.998448 never reads $5.00', () => {
  const text = textOf(NOTES[0]!, 'en');
  expect(plainMail(text, '')).toContain('Available now: 4,998,448 credits ($4.998448)');
  expect(htmlMail(text, '')).toContain('<td>4,998,448 credits ($4.998448)</td>');
});

test('times are shown in UTC', () => expect(timeText(EXPIRES)).toBe('27 November 2026, 16:00 UTC'));

test('HTML is escaped wherever somebody else chose the words', () => {
  const evil = `<script>alert("1")</script> & 'x'`;
  const html = htmlMail(textOf({ kind: 'announcement', data: { title: evil, body: evil } }, 'en'), evil);
  expect(html).not.toMatch(/<script/);
  expect(html.match(/&lt;script&gt;alert\(&quot;1&quot;\)&lt;\/script&gt; &amp; &#39;x&#39;/g)).toHaveLength(
    4,
  );
});

test('a code of a later version is shown as it is', () => {
  const text = textOf({ kind: 'payout_failed', data: { payoutId: 'p', amount: '1', reason: 'moon' } }, 'en');
  expect(text.paragraphs[0]).toContain('moon');
});
