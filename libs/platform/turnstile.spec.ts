import { setTimeout as sleep } from 'node:timers/promises';
import { Turnstile } from './turnstile.js';

describe('Turnstile', () => {
  test('lets so many in at once, in the order they came', async () => {
    const turnstile = new Turnstile(2);
    const order: number[] = [];
    let inside = 0;
    let most = 0;
    await Promise.all(
      [0, 1, 2, 3, 4].map((n) =>
        turnstile.pass(async () => {
          order.push(n);
          most = Math.max(most, ++inside);
          await sleep(2);
          inside -= 1;
        }),
      ),
    );
    expect({ order, most, inside }).toEqual({ order: [0, 1, 2, 3, 4], most: 2, inside: 0 });
  });

  test('one that fails makes room for the next', async () => {
    const turnstile = new Turnstile(1);
    await expect(turnstile.pass(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await turnstile.pass(async () => 'in')).toBe('in');
  });
});
