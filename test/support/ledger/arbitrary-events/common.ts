import fc from 'fast-check';
import { UserId } from '#libs/kernel/ids.js';
import type { LedgerEvent } from '#libs/ledger/events.js';
import { LOT_KINDS, LOT_ORIGINS } from '#libs/ledger/wallet/vocabulary.js';

/** One arbitrary for each event type of the union `E`: the compiler says when one is missing. */
export type ArbitraryEvents<E extends LedgerEvent> = {
  readonly [T in E['type']]: fc.Arbitrary<Extract<E, { type: T }>>;
};

const ID_FIRST = [...'ABCXYZabcxyz0189'];
const ID_REST = [...ID_FIRST, '.', '_', '-'];
const idText = fc
  .tuple(fc.constantFrom(...ID_FIRST), fc.array(fc.constantFrom(...ID_REST), { maxLength: 127 }))
  .map(([first, rest]) => first + rest.join(''));

/** Ids of one kind, of any text that its rule allows. */
export const ids = <T>(type: { of(raw: string): T }): fc.Arbitrary<T> => idText.map((id) => type.of(id));
export const userId = ids(UserId);
export const text = fc.string({ unit: 'binary', maxLength: 40 });
export const amount = fc.oneof(fc.constant(0n), fc.bigInt(0n, 100n), fc.bigInt(0n, 10n ** 18n - 1n));
/** From the epoch to the year 9999. */
export const time = fc.integer({ min: 0, max: Date.UTC(9999, 11, 31) });

export const lotPart = {
  lotId: text,
  kind: fc.constantFrom(...LOT_KINDS),
  origin: fc.constantFrom(...LOT_ORIGINS),
  amount,
};
export const draws = fc.array(fc.record(lotPart), { maxLength: 4 });

/** Type, wallet and time of a wallet event. */
export const walletFact = <T extends string>(type: T) => ({ type: fc.constant(type), userId, at: time });

type Fields = Readonly<Record<string, fc.Arbitrary<unknown>>>;
type Said<F extends Fields> = { readonly [K in keyof F]: F[K] extends fc.Arbitrary<infer V> ? V : never };

/** Records with all the required fields and any of the optional ones. */
export const withOptional = <R extends Fields, O extends Fields>(
  required: R,
  optional: O,
): fc.Arbitrary<Said<R> & Partial<Said<O>>> =>
  fc
    .tuple(fc.record(required), fc.record(optional, { requiredKeys: [] }))
    .map(([always, sometimes]) => ({ ...always, ...sometimes }) as Said<R> & Partial<Said<O>>);
