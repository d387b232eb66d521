import { randomBytes } from 'node:crypto';
import { type Quote, QUOTE_LIFE_MS, readQuote, signQuote } from './quotes.js';

const KEY = randomBytes(32);
const TERMS = { policy: 'three-part-v1', rateCard: 'standard', rateCardVersion: 3, byokFeeBasisPoints: 125n };
const EXPIRES_AT = Date.UTC(2026, 10, 20, 16);

const quoted = (more: Partial<Quote> = {}) =>
  signQuote(KEY, { terms: TERMS, expiresAt: EXPIRES_AT, ...more });
function expectRefused(text: string, key: Uint8Array = KEY): void {
  const answer = readQuote(key, text, 'u-1');
  expect(answer.ok ? 'read' : answer.error).toContain('unchanged');
}

describe('a quote', () => {
  test('carries policy, rate card, version, BYOK share and expiry', () => {
    expect(readQuote(KEY, quoted(), 'u-1')).toEqual({ ok: true, value: { ...TERMS, expiresAt: EXPIRES_AT } });
  });

  test('is honoured for 15 minutes unless told otherwise', () => expect(QUOTE_LIFE_MS).toBe(900_000));

  test('is read after its expiry too: that is for the decider to judge', () => {
    expect(readQuote(KEY, quoted({ expiresAt: 0 }), 'u-1').ok).toBe(true);
  });

  test('fits a field of 1,024 characters with the longest ids', () => {
    const terms = { ...TERMS, rateCard: 'r'.repeat(128), rateCardVersion: 2 ** 31 };
    expect(quoted({ terms, userId: 'u'.repeat(128) }).length).toBeLessThan(1_024);
  });

  test('that names a user is good for that user alone', () => {
    expect(readQuote(KEY, quoted({ userId: 'u-1' }), 'u-1').ok).toBe(true);
    expect(readQuote(KEY, quoted({ userId: 'u-2' }), 'u-1')).toEqual({
      ok: false,
      error: 'must be a quote for the user who pays: this one names another',
    });
  });
});

describe('a forged quote is refused', () => {
  test('every single changed, missing or added character', () => {
    const text = quoted({ userId: 'u-1' });
    for (let i = 0; i < text.length; i++) {
      const other = text[i] === 'A' ? 'B' : 'A';
      expectRefused(`${text.slice(0, i)}${other}${text.slice(i + 1)}`);
      expectRefused(`${text.slice(0, i)}${text.slice(i + 1)}`);
      expectRefused(`${text.slice(0, i)}A${text.slice(i)}`);
    }
  });

  test.each(['', 'q1', 'q1..', 'q2.W10.x', 'null', `q1.W10.${'A'.repeat(43)}`, 'q1.\u0000.x'])(
    '"%s"',
    (text) => {
      expectRefused(text);
    },
  );

  test('signed with another key', () => expectRefused(quoted(), randomBytes(32)));

  test('other terms under the signature of a real one', () => {
    const [version, , signature] = quoted().split('.');
    const [, payload] = quoted({ expiresAt: EXPIRES_AT + 1 }).split('.');
    expectRefused([version, payload, signature].join('.'));
  });

  test('of another version of the form, though rightly signed', () =>
    expectRefused(quoted().replace('q1.', 'q2.')));
});
