import type { EventStore } from '#libs/event-store/port.js';
import type { Clock } from '#libs/kernel/clock.js';
import type { CreatorCommand } from '#libs/ledger/creator/commands.js';
import { decideCreator } from '#libs/ledger/creator/decide.js';
import type { CreatorEvent } from '#libs/ledger/creator/events.js';
import { creatorIdsNamedBy, creatorIdsOf } from '#libs/ledger/creator/ids.js';
import { isPayoutEvent } from '#libs/ledger/creator/payouts.js';
import { type Creator, earningsAt, evolveCreator, NO_CREATOR } from '#libs/ledger/creator/state.js';
import { type CreatorTerms, STANDARD_CREATOR_TERMS } from '#libs/ledger/creator/terms.js';
import {
  decidePayment,
  evolvePayment,
  NO_PAYMENT,
  type Payment,
  type PaymentEvent,
  type RegisterPayment,
} from '#libs/ledger/payment/payment.js';
import type { Terms } from '#libs/ledger/pricing/terms.js';
import { balanceOf } from '#libs/ledger/wallet/balance.js';
import type { WalletCommand } from '#libs/ledger/wallet/commands.js';
import { decideWallet, eventsAhead } from '#libs/ledger/wallet/decide.js';
import type { WalletEvent } from '#libs/ledger/wallet/events.js';
import { evolveWallet } from '#libs/ledger/wallet/evolve.js';
import { walletIdsNamedBy, walletIdsOf } from '#libs/ledger/wallet/ids.js';
import { NO_WALLET, type Wallet } from '#libs/ledger/wallet/state.js';
import { OutcomesReader } from './outcomes-reader.js';
import type { PastLookup } from './past-lookup.js';
import { SnapshotKeeper } from './snapshots/snapshot-keeper.js';
import type { SnapshotStore } from './snapshots/snapshot-store.js';
import { decodeState, encodeState } from './snapshots/state-json.js';
import type { StreamDefinition } from './stream-definition.js';
import { StreamExecutor } from './stream-executor.js';
import type { LongStreams } from './stream-reader.js';
import type { WriteObserver } from './write-observer.js';

export type WalletExecutor = StreamExecutor<Wallet, WalletCommand, WalletEvent>;
export type PaymentExecutor = StreamExecutor<Payment, RegisterPayment, PaymentEvent>;
export type CreatorExecutor = StreamExecutor<Creator, CreatorCommand, CreatorEvent>;

/** One executor for each kind of stream, over one store. */
export interface WritePath {
  readonly clock: Clock;
  readonly wallets: WalletExecutor;
  readonly payments: PaymentExecutor;
  readonly creators: CreatorExecutor;
  /** Commands waiting or being appended now, over all executors. */
  depth(): number;
  close(): Promise<void>;
}

/** What lets streams grow long. Without it each is folded from its beginning and nothing of it leaves memory. */
export interface LongStreamPorts {
  /** Asked for the keys and ids that have left memory. */
  readonly outcomes: PastLookup;
  readonly snapshots: SnapshotStore;
  /** A snapshot could not be loaded or saved: streams are folded from their beginning meanwhile. */
  readonly onSnapshotTrouble?: (error: unknown) => void;
}

export interface WritePathOptions {
  readonly store: EventStore;
  readonly clock: Clock;
  /** The catalogue as it is now; asked for each decision. What it throws fails the command that needs it. */
  readonly terms: () => Terms;
  readonly creatorTerms?: CreatorTerms;
  readonly longStreams?: LongStreamPorts;
  readonly observer?: WriteObserver | undefined;
}

export function createWritePath(options: WritePathOptions): WritePath {
  const { store, clock, terms, observer } = options;
  const wallets = createExecutor(options, walletDefinition(terms));
  const payments = new StreamExecutor({ store, clock, observer, definition: paymentDefinition });
  const creators = createCreatorExecutor(options);
  const all = [wallets, payments, creators];
  return {
    clock,
    wallets,
    payments,
    creators,
    depth: () => all.reduce((sum, executor) => sum + executor.depth, 0),
    close: async () => {
      await Promise.all(all.map((executor) => executor.close()));
    },
  };
}

/** The executor of creators alone, for a process that settles and does nothing else. */
export const createCreatorExecutor = (options: Omit<WritePathOptions, 'terms'>): CreatorExecutor =>
  createExecutor(options, creatorDefinition(options.creatorTerms ?? STANDARD_CREATOR_TERMS));

function createExecutor<S, C extends WalletCommand | CreatorCommand, E extends WalletEvent | CreatorEvent>(
  { store, clock, observer, longStreams }: Omit<WritePathOptions, 'terms'>,
  definition: StreamDefinition<S, C, E>,
): StreamExecutor<S, C, E> {
  const long = longStreams && longStreamsOf(store, definition, longStreams);
  return new StreamExecutor({ store, clock, observer, definition, ...(long === undefined ? {} : { long }) });
}

function longStreamsOf<S>(
  { logId }: EventStore,
  { snapshot: codec }: Pick<StreamDefinition<S, never, never>, 'snapshot'>,
  { outcomes, snapshots, onSnapshotTrouble }: LongStreamPorts,
): LongStreams<S> {
  const reader = new OutcomesReader(outcomes);
  if (codec === undefined) return { outcomes: reader };
  const onTrouble = onSnapshotTrouble === undefined ? {} : { onTrouble: onSnapshotTrouble };
  return {
    outcomes: reader,
    snapshots: new SnapshotKeeper({ store: snapshots, codec, logId, ...onTrouble }),
  };
}

/** Raised whenever `evolveWallet` or the wallet's state changes: see the test beside the snapshots. */
const WALLET_SNAPSHOT_VERSION = 1;
const CREATOR_SNAPSHOT_VERSION = 1;

export const walletDefinition = (
  terms: () => Terms,
): StreamDefinition<Wallet, WalletCommand, WalletEvent> => ({
  initial: NO_WALLET,
  evolve: evolveWallet,
  decide: (wallet, command, context) => decideWallet(wallet, command, context, terms()),
  due: (wallet, command, context) => eventsAhead(wallet, command, context, terms()),
  balance: (wallet, event) =>
    wallet.status === 'none' ? undefined : balanceOf(wallet, event.at, terms().plansAt(event.at)),
  idsOf: walletIdsOf,
  idsNamedBy: walletIdsNamedBy,
  snapshot: {
    version: WALLET_SNAPSHOT_VERSION,
    encode: encodeState,
    decode: (text) => decodeState(text) as Wallet,
  },
});

export const paymentDefinition: StreamDefinition<Payment, RegisterPayment, PaymentEvent> = {
  initial: NO_PAYMENT,
  evolve: evolvePayment,
  decide: decidePayment,
  idsOf: () => [],
  idsNamedBy: () => [],
};

export const creatorDefinition = (
  terms: CreatorTerms,
): StreamDefinition<Creator, CreatorCommand, CreatorEvent> => ({
  initial: NO_CREATOR,
  evolve: evolveCreator,
  decide: (creator, command, context) => decideCreator(creator, command, context, terms),
  // Not for each share settled: payouts are answered, settling is not.
  earnings: (creator, event) => (isPayoutEvent(event) ? earningsAt(creator, event.at, terms) : undefined),
  idsOf: creatorIdsOf,
  idsNamedBy: creatorIdsNamedBy,
  snapshot: {
    version: CREATOR_SNAPSHOT_VERSION,
    encode: encodeState,
    decode: (text) => decodeState(text) as Creator,
  },
});
