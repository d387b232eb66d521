import { FlowId, UserId } from '#libs/kernel/ids.js';
import type { WalletCommand } from '#libs/ledger/wallet/commands.js';
import type { WalletEvent } from '#libs/ledger/wallet/events.js';
import { STANDARD_TERMS } from '#libs/ledger/catalogue/standard.js';
import { NOW, USER } from '#test/support/ledger/wallet-builders.js';
import { WalletLife } from '#test/support/ledger/wallet-life.js';
import { asText, type CommandAsked, type Operation, type ReadAsked } from './history.js';
import { checkLinearisable } from './linearisable.js';

/*
 * The judge of G8 is judged: a true history passes, and each kind of lie in one is found. Four commands and a read,
 * one after another; the last command is refused.
 */

const OPEN: WalletCommand = { type: 'OpenWallet', userId: USER, plan: 'FREE', mayGrant: true };
const ADD: WalletCommand = { type: 'AddCredits', userId: USER, kind: 'promo', amount: 50n, reason: 'bonus' };
const unlock = (flowId: string, price: bigint): WalletCommand => ({
  type: 'UnlockFlow',
  userId: USER,
  flowId: FlowId.of(flowId),
  creatorId: UserId.of('c-1'),
  price,
});

const logged = new Map<string, WalletEvent>();

function history(): Operation[] {
  logged.clear();
  const life = new WalletLife(STANDARD_TERMS);
  const shown = (): Record<string, unknown> => JSON.parse(JSON.stringify(life.balance(NOW), asText)) as never;
  const commands = [OPEN, ADD, unlock('flow-1', 100_000n), unlock('flow-2', 60n)];
  const operations: Operation[] = commands.map((command, i): CommandAsked => {
    const decision = life.send(command, NOW);
    const about = {
      kind: 'command',
      userId: USER,
      turn: 0,
      key: `k${i}`,
      body: '',
      command,
      ...at(i),
    } as const;
    if (decision.kind === 'refused')
      return {
        ...about,
        reply: { status: 402, body: JSON.parse(JSON.stringify(decision.refusal, asText)) as never },
      };
    const eventIds = decision.events.map((event, n) => {
      logged.set(`event-${i}-${n}`, event);
      return `event-${i}-${n}`;
    });
    const position = `0a0a0a0a-${logged.size}`;
    return {
      ...about,
      reply: { status: 200, body: { eventIds, position, replayed: false, balanceAfter: shown() } },
    };
  });
  const asOf = { position: `0a0a0a0a-${logged.size}`, time: new Date(NOW).toISOString() };
  const body = { ...shown(), uncollected: '0', asOf };
  const read: ReadAsked = {
    kind: 'read',
    userId: USER,
    turn: 1,
    minPosition: asOf.position,
    ...at(4),
    reply: { status: 200, body },
  };
  return [...operations, read];
}

const at = (i: number) =>
  ({ askedAt: i * 10, answeredAt: i * 10 + 5, between: [NOW, NOW] as [number, number] }) as const;

const SOME_BALANCE = { available: '0', held: '0', monthly: '0', promo: '0', refund: '0', purchased: '0' };

/** The history with one operation told otherwise. */
function told(index: number, change: (asked: Operation) => object): Operation[] {
  return history().map((asked, i) => (i === index ? { ...asked, ...change(asked) } : asked));
}
const reply = (change: object) => (asked: Operation) => ({
  reply: { ...asked.reply, body: { ...asked.reply.body, ...change } },
});

describe('the judge of histories', () => {
  test('a true history passes', () => {
    const operations = history();
    expect(() => checkLinearisable(operations, logged)).not.toThrow();
  });

  test.each([
    [
      "a balance that is not the model's",
      1,
      reply({ balanceAfter: { available: '1' } }),
      /the model|Cannot convert/,
    ],
    ['a refusal that is true in no state', 3, reply({ available: '49' }), /In no state/],
    ['a refusal for another reason', 3, reply({ code: 'flow.already_unlocked' }), /In no state/],
    [
      'an effect that lies behind one asked later',
      1,
      () => ({ ...at(9) }),
      /behind one that was asked later/,
    ],
    [
      'an event that nobody has acknowledged',
      2,
      (asked: Operation) => ({ kind: 'read', ...lost(asked) }),
      /acknowledged/,
    ],
    ['an acknowledged event that is not there', 2, reply({ eventIds: ['event-9'] }), /not in the log/],
    ['a read of another balance', 4, reply({ available: '51' }), /Read shows/],
    ['a read from before its position', 4, reply({ asOf: { position: '0a0a0a0a-1' } }), /before 0a0a0a0a/],
    ['a replay that never was', 3, replayed, /In no state/],
  ] as const)('%s is found', (_lie, index, change, found) => {
    const operations = told(index, change);
    expect(() => checkLinearisable(operations, logged)).toThrow(found);
  });

  test('a refusal may be that of a state it overlaps with, and of no other', () => {
    // Asked before the unlock that took the credits was answered: either order may be the true one.
    const early = told(3, () => ({ askedAt: 22, answeredAt: 24 }));
    expect(() => checkLinearisable(early, logged)).not.toThrow();
    // Answered before that unlock was asked: then the credits were still there.
    const tooEarly = told(3, () => ({ askedAt: 16, answeredAt: 18 }));
    expect(() => checkLinearisable(tooEarly, logged)).toThrow(/In no state/);
  });
});

const lost = (asked: Operation): object => ({
  minPosition: undefined,
  reply: { status: 404, body: {} },
  userId: asked.userId,
});

function replayed(asked: Operation): object {
  const body = { eventIds: [], position: '0a0a0a0a-1', replayed: true, balanceAfter: SOME_BALANCE };
  return { ...asked, reply: { status: 200, body } };
}
