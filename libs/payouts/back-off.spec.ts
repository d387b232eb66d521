import { expect, test } from '@jest/globals';
import { pauseMs } from './back-off.js';
import { transferKey } from './transfer-key.js';

test('pauses double up to an hour, and shrink by a quarter at most', () => {
  expect([1, 2, 3, 4].map((tries) => pauseMs(tries, 0))).toEqual([1_000, 2_000, 4_000, 8_000]);
  expect(pauseMs(1_000_000, 0)).toBe(3_600_000);
  expect(pauseMs(3, 0.999_999)).toBe(3_000);
});

test('the key of a transfer tells creator and payout apart, and stays as it is for ever', () => {
  const key = transferKey({ creatorId: 'c-7', payoutId: 'payout-1' });
  expect(key).toBe('payout_440628f6b03ccfcb2555e654ae4c3973d6898102');
  expect(transferKey({ creatorId: 'c-7p', payoutId: 'ayout-1' })).not.toBe(key);
});
