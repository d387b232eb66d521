import { hash } from 'node:crypto';
import { sourcesOf } from '#libs/application/settlement/sources.js';
import { encodeMetadata } from '#libs/contracts/metadata.js';
import { encodeEvent } from '#libs/contracts/stored-events.js';
import type { EventStore, NewEvent, RecordedEvent } from '#libs/event-store/port.js';
import { PaymentId, UserId } from '#libs/kernel/ids.js';
import { seedEvents, STANDARD_TERMS } from '#libs/ledger/catalogue/standard.js';
import type { CatalogueEvent } from '#libs/ledger/catalogue/events.js';
import {
  creatorStream,
  type LedgerEvent,
  paymentStream,
  plansStream,
  policyStream,
  rateCardStream,
  walletStream,
} from '#libs/ledger/events.js';
import { decidePayment, NO_PAYMENT } from '#libs/ledger/payment/payment.js';
import { PLAN_NAMES, type PlanName } from '#libs/ledger/plans/plan-table.js';
import type { Terms } from '#libs/ledger/pricing/terms.js';
import { type Balance, balanceOf } from '#libs/ledger/wallet/balance.js';
import type { WalletCommand } from '#libs/ledger/wallet/commands.js';
import { decideWallet } from '#libs/ledger/wallet/decide.js';
import { NO_WALLET, type Wallet } from '#libs/ledger/wallet/state.js';
import { CreatorLife } from './creator-traffic.js';
import { WalletLife } from './ledger/wallet-life.js';
import { Dice, seededRandom } from './random.js';
import { TrafficCommands } from './traffic-commands.js';

export { seededRandom } from './random.js';

/** The terms every generated command is decided by: the standard ones, with a fee for runs on one's own key. */
export const TRAFFIC_TERMS: Terms = {
  pricingAt: (t) => ({ ...STANDARD_TERMS.pricingAt(t), byokFeeBasisPoints: 500n }),
  pricingOf: (reference, t) => STANDARD_TERMS.pricingOf(reference, t),
  plansAt: (t) => STANDARD_TERMS.plansAt(t),
};

export interface TrafficOptions {
  readonly seed: number;
  /** Default 20. */
  readonly users?: number;
  /** Default 5. */
  readonly creators?: number;
  /** Charges decided together and appended to one wallet at once. Default 1. */
  readonly chargesPerAppend?: number;
  /** Milliseconds since the epoch of the first command. Default 2026-01-10. */
  readonly startAt?: number;
}

const START_AT = Date.UTC(2026, 0, 10);
const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;

/**
 * Valid traffic from a seed: the pure deciders make every event, so the log is one that the ledger could have
 * written. Appends one after another to any event store.
 */
export class LedgerTraffic {
  readonly users: readonly string[];
  readonly random: () => number;
  readonly #dice: Dice;
  readonly #commands: TrafficCommands;
  readonly #lives: ReadonlyMap<string, WalletLife>;
  readonly #creators: readonly CreatorLife[];
  readonly #creatorVersions = new Map<string, number>();
  #unsettled: RecordedEvent[] = [];
  readonly #chargesPerAppend: number;
  #now: number;

  constructor(
    private readonly store: EventStore,
    options: TrafficOptions,
  ) {
    this.random = seededRandom(options.seed);
    this.#dice = new Dice(this.random);
    this.users = Array.from({ length: options.users ?? 20 }, (_, i) => `u-${i}`);
    this.#lives = new Map(this.users.map((userId) => [userId, new WalletLife(TRAFFIC_TERMS)]));
    this.#creators = Array.from({ length: options.creators ?? 5 }, (_, i) => new CreatorLife(`c-${i}`));
    this.#commands = new TrafficCommands(
      this.#dice,
      this.#creators.map(({ creatorId }) => creatorId),
    );
    this.#chargesPerAppend = options.chargesPerAppend ?? 1;
    this.#now = options.startAt ?? START_AT;
  }

  get now(): number {
    return this.#now;
  }

  /** Lets time pass to `t`, or leaves it where it is when that is later. */
  passTo(t: number): void {
    this.#now = Math.max(this.#now, t);
  }

  wallet(userId: string): Wallet {
    return this.#lives.get(userId)?.wallet ?? NO_WALLET;
  }

  /** The catalogue's first events, as every new ledger has them. */
  async seedCatalogue(): Promise<void> {
    for (const event of seedEvents()) {
      await this.store.append(
        catalogueStream(event),
        [this.#stored(event, 'system:seed', 'seed', undefined)],
        {
          expected: 'no_stream',
        },
      );
    }
  }

  /** Opens every wallet on the plan and buys it `credits`. */
  async openAll(credits: bigint, planOf: (index: number) => PlanName = () => 'PRO'): Promise<void> {
    for (const [index, userId] of this.users.entries()) {
      await this.#open(userId, planOf(index));
      await this.#buy(userId, credits);
    }
  }

  /** `count` prompt charges over all wallets in turn, every second one with a creator; then settles. */
  async charge(count: number): Promise<void> {
    for (let done = 0; done < count; done += this.#chargesPerAppend) {
      const userId = this.users[(done / this.#chargesPerAppend) % this.users.length]!;
      const size = Math.min(this.#chargesPerAppend, count - done);
      const charges = Array.from({ length: size }, (_, i) =>
        this.#commands.charge(userId, (done + i) % 2 === 0),
      );
      await this.toWallet(userId, charges);
    }
    await this.settle();
  }

  /** `count` commands of every kind, in random order, over random stretches of time. */
  async mixed(count: number): Promise<void> {
    const dice = this.#dice;
    for (let done = 0; done < count; done++) {
      const userId = dice.pick(this.users)!;
      const life = this.#lives.get(userId)!;
      const roll = dice.random();
      if (life.wallet.status === 'none') await this.#open(userId, this.#plan());
      else if (roll < 0.08) await this.#buy(userId, dice.credits(dice.chance(0.3) ? 60_000_000 : 5_000_000));
      else if (roll < 0.16) await this.settle();
      else if (roll < 0.2) await this.#payout();
      else if (roll < 0.26) this.#now += this.#pause();
      else {
        const { wallet, events } = life;
        await this.toWallet(userId, [this.#commands.next({ wallet, events }, this.#now)]);
      }
    }
    await this.settle();
  }

  #plan(): PlanName {
    return PLAN_NAMES[this.#dice.below(PLAN_NAMES.length)]!;
  }

  /** Mostly minutes, so that holds are met open, at times days. */
  #pause(): number {
    return Math.ceil(this.random() * (this.#dice.chance(0.3) ? 5 * DAY_MS : HOUR_MS));
  }

  /** Moves what creators earned from clearing to them, and back what was refunded: one append a creator. */
  async settle(): Promise<void> {
    const batch = this.#unsettled;
    this.#unsettled = [];
    for (const [creatorId, sources] of sourcesOf(batch)) {
      const life = this.#creators.find((creator) => creator.creatorId === creatorId)!;
      const key = `settle:${sources.at(-1)!.source.position}`;
      await this.#toCreator(life, { type: 'SettleSources', creatorId, sources }, 'system:settlement', key);
    }
  }

  /** Decides the commands one after another and appends all their events at once; refused ones leave nothing. */
  async toWallet(userId: string, commands: readonly WalletCommand[]): Promise<void> {
    const life = this.#lives.get(userId)!;
    const { version } = life.wallet;
    const stored: NewEvent[] = [];
    for (const command of commands) {
      const now = (this.#now += Math.floor(this.random() * 1_000));
      const context = { now, commandId: this.#dice.hex(32), past: life };
      const decision = decideWallet(life.wallet, command, context, TRAFFIC_TERMS);
      if (decision.kind === 'refused') continue;
      const key = command.type === 'ChargePrompt' ? `run:${command.runId}` : `key-${this.#dice.hex(16)}`;
      for (const event of decision.events) {
        life.happen(event);
        stored.push(this.#stored(event, 'local', key, this.#balance(life.wallet, event.at)));
      }
    }
    if (stored.length === 0) return;
    const recorded = await this.#append(walletStream(userId), version, stored);
    this.#unsettled.push(...recorded);
  }

  async #open(userId: string, plan: PlanName): Promise<void> {
    await this.toWallet(userId, [{ type: 'OpenWallet', userId: UserId.of(userId), plan, mayGrant: true }]);
  }

  async #buy(userId: string, amount: bigint): Promise<void> {
    if (this.wallet(userId).status === 'closed') return;
    const dice = this.#dice;
    const paymentId = PaymentId.of(`pay-${dice.hex(12)}`);
    const registered = decidePayment(
      NO_PAYMENT,
      { type: 'RegisterPayment', paymentId, userId: UserId.of(userId), amount },
      { now: this.#now, commandId: dice.hex(32), past: NO_PAST },
    );
    if (registered.kind === 'refused') throw new Error(`Payment ${paymentId} was refused`);
    const stored = registered.events.map((event) =>
      this.#stored(event, 'local', `pay:${paymentId}`, undefined),
    );
    await this.#append(paymentStream(paymentId), 0, stored);
    const expiry = dice.chance(0.2) ? { expiresAt: this.#now + Math.ceil(this.random() * 60 * DAY_MS) } : {};
    const cost = { currency: 'USD', minorUnits: amount / 10_000n, providerFeeMinorUnits: 30n };
    await this.toWallet(userId, [
      {
        type: 'AddCredits',
        kind: 'purchased',
        userId: UserId.of(userId),
        amount,
        paymentId,
        ...expiry,
        ...(dice.chance(0.5) ? { costBasis: cost } : {}),
      },
    ]);
  }

  async #payout(): Promise<void> {
    const life = this.#dice.pick(this.#creators)!;
    await this.#toCreator(life, life.next(this.#dice), 'local', `key-${this.#dice.hex(16)}`);
  }

  async #toCreator(
    life: CreatorLife,
    command: Parameters<CreatorLife['send']>[0],
    principal: string,
    key: string,
  ): Promise<void> {
    const version = this.#creatorVersions.get(life.creatorId) ?? 0;
    const events = life.send(command, this.#now, this.#dice.hex(32));
    if (events.length === 0) return;
    const stored = events.map((event) => this.#stored(event, principal, key, undefined));
    await this.#append(creatorStream(life.creatorId), version, stored);
    this.#creatorVersions.set(life.creatorId, version + events.length);
  }

  #balance(wallet: Wallet, t: number): Balance | undefined {
    return wallet.status === 'none' ? undefined : balanceOf(wallet, t, TRAFFIC_TERMS.plansAt(t));
  }

  #stored(event: LedgerEvent, principal: string, key: string, balance: Balance | undefined): NewEvent {
    // All events of a command carry the same hash.
    const bodyHash = hash('sha256', `${principal} ${key}`, 'base64url');
    const metadata = { principal, key, bodyHash, ...(balance === undefined ? {} : { balance }) };
    return { id: this.#dice.uuid(), ...encodeEvent(event), metadata: encodeMetadata(metadata) };
  }

  async #append(
    stream: string,
    version: number,
    events: readonly NewEvent[],
  ): Promise<readonly RecordedEvent[]> {
    const expected = version === 0 ? ('no_stream' as const) : version - 1;
    const { positions } = await this.store.append(stream, events, { expected });
    return events.map((event, i) => ({
      ...event,
      stream,
      revision: version + i,
      position: positions[i]!,
      recordedAt: this.#now,
    }));
  }
}

const NO_PAST = { revisionOf: () => undefined, eventAt: () => fail() };

function fail(): never {
  throw new Error('A payment has no past');
}

function catalogueStream(event: CatalogueEvent): string {
  switch (event.type) {
    case 'RateCardPublished':
      return rateCardStream(event.cardId);
    case 'PolicyActivated':
      return policyStream(event.policyId);
    case 'PlansPublished':
      return plansStream(event.tableId);
  }
}
