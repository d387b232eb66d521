import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeEvent } from '#libs/contracts/stored-events.js';
import { STANDARD_TERMS } from '#libs/ledger/catalogue/standard.js';
import { STANDARD_CREATOR_TERMS } from '#libs/ledger/creator/terms.js';
import type { LedgerEvent } from '#libs/ledger/events.js';
import type { StreamDefinition } from '../stream-definition.js';
import { GOLDEN_EVENTS } from '#test/support/ledger/golden-events.js';
import { creatorDefinition, walletDefinition } from '../write-path.js';
import { decodeState, encodeState } from './state-json.js';

/** Events of one stream, as they were stored: these files never change. */
function history<E extends LedgerEvent>(name: string): readonly E[] {
  const lines = readFileSync(join(import.meta.dirname, 'golden', `${name}.jsonl`), 'utf8')
    .trim()
    .split('\n');
  return lines.map((line) => decodeEvent(JSON.parse(line) as { type: string; data: string }) as E);
}

/** The states after each event, as snapshots keep them. */
function texts<S, E extends LedgerEvent>(
  { initial, evolve, snapshot }: Pick<StreamDefinition<S, never, E>, 'initial' | 'evolve' | 'snapshot'>,
  events: readonly E[],
): readonly string[] {
  let state = initial;
  return events.map((event) => {
    state = evolve(state, event);
    return snapshot!.encode(state);
  });
}

const wallet = walletDefinition(() => STANDARD_TERMS);
const creator = creatorDefinition(STANDARD_CREATOR_TERMS);
const GOLDEN = [
  [
    'wallet',
    wallet.snapshot!.version,
    texts(wallet, history('wallet-history')),
    { 1: '63b4f635e26632f82302e9f98fe2e94f9108466ae6fa96ef175d607f6d92d61e' },
  ],
  [
    'creator',
    creator.snapshot!.version,
    texts(creator, history('creator-history')),
    { 1: '461bbfe4377f836ce9466089e72048cecd72bbad689a36a7f4aa9df34c4752f1' },
  ],
] as const;

/**
 * A snapshot made by one fold must never be taken for that of another. When this fails, `evolve` or the state has
 * changed: raise the snapshot version of that stream in write-path.ts, and put the new hash under the new version.
 */
test.each(GOLDEN)('the %s folds as its snapshot version %p does', (_name, version, states, hashes) => {
  expect(hash('sha256', states.join('\n'), 'hex')).toBe((hashes as Record<number, string>)[version]);
});

test.each(GOLDEN)('every state of the %s comes back from its text', (_name, _version, states) => {
  for (const text of states) expect(encodeState(decodeState(text))).toBe(text);
});

test('the histories leave no kind of event out', () => {
  const told = [...history('wallet-history'), ...history('creator-history')].map(({ type }) => type);
  const others = ['PaymentRegistered', 'RateCardPublished', 'PolicyActivated', 'PlansPublished'];
  const known = Object.values(GOLDEN_EVENTS).map(({ type }) => type);
  expect(new Set([...told, ...others])).toEqual(new Set(known));
});
