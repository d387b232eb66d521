import type { LedgerEvent } from '#libs/ledger/events.js';
import type { Balance } from '#libs/ledger/wallet/balance.js';
import type { PublicBalance, PublicEventData, PublicEventType } from '../public-event.js';

/** How one stored event is told to the world. */
export interface Told<E extends LedgerEvent, Type extends PublicEventType> {
  readonly as: Type;
  data(event: E, balance: Balance | undefined): PublicEventData[Type];
}

/** Why an event is nobody else's business. */
export interface Kept {
  readonly keptBecause: string;
}

/** One entry for each event of the union `E`: no event is forgotten, and none is told twice. */
export type Mappings<E extends LedgerEvent> = {
  readonly [T in E['type']]:
    Kept | { readonly [Type in PublicEventType]: Told<Extract<E, { type: T }>, Type> }[PublicEventType];
};

type Present<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};
type Flat<T> = { [K in keyof T]: T[K] };

/** `fields` without those that are undefined: a field is there or it is not. Takes the record over. */
export function present<T extends object>(fields: T): Flat<Present<T>> {
  const record = fields as Record<string, unknown>;
  for (const name in record) if (record[name] === undefined) delete record[name];
  return fields;
}

export const isoTime = (t: number): string => new Date(t).toISOString();
export const isoTimeIfAny = (t: number | undefined): string | undefined =>
  t === undefined ? undefined : isoTime(t);

export function publicBalance(balance: Balance | undefined): PublicBalance | undefined {
  if (balance === undefined) return undefined;
  const { available, held, monthly, promo, refund, purchased, unlimited } = balance;
  return present({
    available: available.toString(),
    held: held.toString(),
    monthly: monthly.toString(),
    promo: promo.toString(),
    refund: refund.toString(),
    purchased: purchased.toString(),
    unlimited:
      unlimited && present({ used: unlimited.used.toString(), fairUse: unlimited.fairUse?.toString() }),
  });
}
