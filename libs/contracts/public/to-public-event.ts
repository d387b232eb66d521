import type { LedgerEvent, LedgerEventType } from '#libs/ledger/events.js';
import { decodeMetadata } from '../metadata.js';
import { decodeEvent, storedTypesOf } from '../stored-events.js';
import { MAPPED_CREATOR_EVENTS } from './mapped/creators.js';
import { MAPPED_CREDITS_EVENTS } from './mapped/credits.js';
import { isoTime, type Kept, type Mappings, type Told } from './mapped/mapping.js';
import { MAPPED_RUN_EVENTS } from './mapped/runs.js';
import { MAPPED_WALLET_EVENTS } from './mapped/wallet.js';
import type { PublicEvent, PublicEventType } from './public-event.js';

const CATALOGUE_STAYS = 'the catalogue is asked for: GET /api/models, /api/plans and /api/rate-cards';

/** What becomes of each event there is. */
const MAPPINGS: Mappings<LedgerEvent> = {
  ...MAPPED_WALLET_EVENTS,
  ...MAPPED_CREDITS_EVENTS,
  ...MAPPED_RUN_EVENTS,
  ...MAPPED_CREATOR_EVENTS,
  PaymentRegistered: { keptBecause: 'a claim to a payment id; the credits that follow are told' },
  RateCardPublished: { keptBecause: CATALOGUE_STAYS },
  PolicyActivated: { keptBecause: CATALOGUE_STAYS },
  PlansPublished: { keptBecause: CATALOGUE_STAYS },
};

type AnyMapping = Kept | Told<LedgerEvent, PublicEventType>;

// Each function takes the event of its own entry, which is how they are looked up.
const mappingOf = MAPPINGS as unknown as Readonly<Record<LedgerEventType, AnyMapping>>;
const ENTRIES = Object.entries(mappingOf) as readonly (readonly [LedgerEventType, AnyMapping])[];

const STORED_TYPES = new Map<PublicEventType, readonly string[]>(
  ENTRIES.flatMap(([type, mapping]) => ('as' in mapping ? [[mapping.as, storedTypesOf(type)]] : [])),
);

/** Why an event is not told to the world, by the type of the event. */
export const PRIVATE_EVENTS: ReadonlyMap<LedgerEventType, string> = new Map(
  ENTRIES.flatMap(([type, mapping]) => ('as' in mapping ? [] : [[type, mapping.keptBecause]])),
);

/** Stored types, in every version, of the events behind these public types: for subscription filters. */
export const storedTypesOfPublic = (...types: readonly PublicEventType[]): readonly string[] =>
  types.flatMap((type) => STORED_TYPES.get(type) ?? []);

/** Stored types, in every version, of all events that are told. */
export const PUBLIC_STORED_TYPES: readonly string[] = [...STORED_TYPES.values()].flat();

const TOLD = new Set(PUBLIC_STORED_TYPES);

/** An event as the store gives it back: what of it the public event is made of. */
export interface RecordedLike {
  readonly id: string;
  readonly type: string;
  readonly data: string;
  readonly metadata: string;
  readonly stream: string;
  readonly position: bigint;
  /** Milliseconds since the epoch. */
  readonly recordedAt: number;
}

/**
 * What the world is told of a stored event; undefined for one that is private. An old version of a stored event is told
 * as the newest one is.
 * @throws UnreadableEventError for an event that this version does not know: never passed over in silence
 */
export function toPublicEvent(logId: string, recorded: RecordedLike): PublicEvent | undefined {
  const event = decodeEvent(recorded);
  if (!TOLD.has(recorded.type)) return undefined;
  const told = mappingOf[event.type] as Told<LedgerEvent, PublicEventType>;
  const { balance, correlationId } = decodeMetadata(recorded.metadata);
  return {
    id: recorded.id,
    type: told.as,
    stream: recorded.stream,
    position: `${logId}-${recorded.position}`,
    time: isoTime(recorded.recordedAt),
    ...(correlationId === undefined ? {} : { correlationId }),
    data: told.data(event, balance),
  } as PublicEvent;
}
