import { encodeMetadata } from '#libs/contracts/metadata.js';
import type { PublicEventOf, PublicEventType } from '#libs/contracts/public/public-event.js';
import { type RecordedLike, toPublicEvent } from '#libs/contracts/public/to-public-event.js';
import { encodeEvent } from '#libs/contracts/stored-events.js';
import type { LedgerEvent } from '#libs/ledger/events.js';
import type { Balance } from '#libs/ledger/wallet/balance.js';
import { GOLDEN_EVENTS } from '#test/support/ledger/golden-events.js';

const LOG_ID = '3f9a01c7';
const BALANCE: Balance = {
  available: 7_350_000n,
  held: 250_000n,
  monthly: 100_000n,
  promo: 500_000n,
  refund: 0n,
  purchased: 7_000_000n,
};

/** As the store would give it back. */
export function recordedExample(event: LedgerEvent, position = 42n): RecordedLike {
  const user = 'userId' in event && event.type !== 'PaymentRegistered';
  const stream = user ? `wallet-${event.userId}` : `creator-${'creatorId' in event ? event.creatorId : ''}`;
  return {
    ...encodeEvent(event),
    id: '6f1f4b9e-8a0c-4c53-9d0e-2f1f6f3a7b11',
    metadata: encodeMetadata({
      principal: 'local',
      key: 'k-1',
      bodyHash: 'h',
      correlationId: 'req-7',
      ...(user ? { balance: BALANCE } : {}),
    }),
    stream,
    position,
    recordedAt: event.at + 4,
  };
}

/** The example with the most fields there is of each public type. */
const EXAMPLES = new Map(
  Object.values(GOLDEN_EVENTS)
    .map((event) => toPublicEvent(LOG_ID, recordedExample(event)))
    .filter((event) => event !== undefined)
    .sort((a, b) => Object.keys(a.data).length - Object.keys(b.data).length)
    .map((event) => [event.type, event]),
);

export const examplePublicEvent = <Type extends PublicEventType>(type: Type): PublicEventOf<Type> =>
  EXAMPLES.get(type) as unknown as PublicEventOf<Type>;
