import { hash } from 'node:crypto';
import { encodeMetadata } from '#libs/contracts/metadata.js';
import { encodeEvent } from '#libs/contracts/stored-events.js';
import type { EventStore, NewEvent } from '#libs/event-store/port.js';
import { CreatorId, FlowId, PaymentId, PromptId, RunId, UserId } from '#libs/kernel/ids.js';
import { decideCreator, type SourceToSettle } from '#libs/ledger/creator/decide.js';
import type { CreatorEvent } from '#libs/ledger/creator/events.js';
import { fundingOf } from '#libs/ledger/creator/funding.js';
import { type Creator, evolveCreator, NO_CREATOR } from '#libs/ledger/creator/state.js';
import { creatorStream, type LedgerEvent, paymentStream, walletStream } from '#libs/ledger/events.js';
import { decidePayment, NO_PAYMENT } from '#libs/ledger/payment/payment.js';
import { PLAN_CREDIT_DEFAULT, type PlanName, STANDARD_PLANS } from '#libs/ledger/plans/plan-table.js';
import { STANDARD_RATE_CARD } from '#libs/ledger/pricing/rate-card.js';
import { THREE_PART_V1 } from '#libs/ledger/pricing/three-part-v1.js';
import { type Balance, balanceOf } from '#libs/ledger/wallet/balance.js';
import type { WalletCommand } from '#libs/ledger/wallet/commands.js';
import { decideWallet, type WalletTerms } from '#libs/ledger/wallet/decide.js';
import type { WalletEvent } from '#libs/ledger/wallet/events.js';
import { evolveWallet, NO_WALLET, type Wallet } from '#libs/ledger/wallet/state.js';

/** The terms every generated command is decided by. */
export const TRAFFIC_TERMS: WalletTerms = {
  pricing: { rateCard: STANDARD_RATE_CARD, policy: THREE_PART_V1, byokFeeBasisPoints: 500n },
  plans: { table: STANDARD_PLANS, planCredit: PLAN_CREDIT_DEFAULT },
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

const MODELS = [...STANDARD_RATE_CARD.models.keys()];
const START_AT = Date.UTC(2026, 0, 10);
const DAY_MS = 24 * 60 * 60 * 1000;

/** A small fast generator of numbers in [0, 1): the same seed gives the same sequence on every machine. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Valid traffic from a seed: the pure deciders make every event, so the log is one that the ledger could have
 * written. Appends one after another to any event store.
 */
export class LedgerTraffic {
  readonly users: readonly string[];
  readonly random: () => number;
  readonly #creators: readonly string[];
  readonly #wallets = new Map<string, Wallet>();
  readonly #creatorStates = new Map<string, Creator>();
  readonly #unsettled = new Map<string, SourceToSettle[]>();
  readonly #chargesPerAppend: number;
  #now: number;
  #commands = 0;

  constructor(
    private readonly store: EventStore,
    options: TrafficOptions,
  ) {
    this.random = seededRandom(options.seed);
    this.users = Array.from({ length: options.users ?? 20 }, (_, i) => `u-${i}`);
    this.#creators = Array.from({ length: options.creators ?? 5 }, (_, i) => `c-${i}`);
    this.#chargesPerAppend = options.chargesPerAppend ?? 1;
    this.#now = options.startAt ?? START_AT;
  }

  get now(): number {
    return this.#now;
  }

  wallet(userId: string): Wallet {
    return this.#wallets.get(userId) ?? NO_WALLET;
  }

  /** Opens every wallet on the plan and buys it `credits`. */
  async openAll(credits: bigint, planOf: (index: number) => PlanName = () => 'PRO'): Promise<void> {
    for (const [index, userId] of this.users.entries()) {
      await this.#toWallet(userId, [{ type: 'OpenWallet', userId: UserId.of(userId), plan: planOf(index) }]);
      await this.#buy(userId, credits);
    }
  }

  /** `count` prompt charges over all wallets in turn, every second one with a creator; then settles. */
  async charge(count: number): Promise<void> {
    for (let done = 0; done < count; done += this.#chargesPerAppend) {
      const userId = this.users[(done / this.#chargesPerAppend) % this.users.length]!;
      const size = Math.min(this.#chargesPerAppend, count - done);
      await this.#toWallet(
        userId,
        Array.from({ length: size }, (_, i) => this.#chargeCommand(userId, (done + i) % 2 === 0)),
      );
    }
    await this.settle();
  }

  /** `count` commands of every kind, in random order, over random stretches of time. */
  async mixed(count: number): Promise<void> {
    for (let done = 0; done < count; done++) {
      const userId = this.#pick(this.users);
      const dice = this.random();
      if (this.wallet(userId).status === 'none') await this.#open(userId);
      else if (dice < 0.6) await this.#toWallet(userId, [this.#chargeCommand(userId, this.random() < 0.5)]);
      else if (dice < 0.7) await this.#unlock(userId);
      else if (dice < 0.8) await this.#buy(userId, this.#credits(5_000_000));
      else if (dice < 0.88) await this.#promote(userId);
      else if (dice < 0.96) await this.settle();
      else this.#now += Math.floor(this.random() * 5 * DAY_MS);
    }
    await this.settle();
  }

  /** Moves what creators earned from clearing to them: one append a creator. */
  async settle(): Promise<void> {
    for (const [creatorId, sources] of this.#unsettled) {
      const creator = this.#creatorStates.get(creatorId) ?? NO_CREATOR;
      const decision = decideCreator(
        creator,
        { type: 'SettleSources', creatorId: CreatorId.of(creatorId), sources },
        { now: this.#now, commandId: this.#hex(32) },
      );
      if (decision.kind === 'refused') throw new Error(`Settling ${creatorId} was refused`);
      const key = `settle:${sources.at(-1)!.source.position}`;
      const events = decision.events.map((event) => this.#stored(event, 'system:settlement', key, undefined));
      await this.#append(creatorStream(creatorId), creator.version, events);
      this.#creatorStates.set(
        creatorId,
        decision.events.reduce<Creator>((state, event: CreatorEvent) => evolveCreator(state, event), creator),
      );
    }
    this.#unsettled.clear();
  }

  async #open(userId: string): Promise<void> {
    const plan = this.#pick(['FREE', 'PRO', 'ELITE', 'ENTERPRISE'] as const);
    await this.#toWallet(userId, [{ type: 'OpenWallet', userId: UserId.of(userId), plan }]);
  }

  async #unlock(userId: string): Promise<void> {
    const flowId = FlowId.of(`flow-${Math.floor(this.random() * 50)}`);
    const creatorId = UserId.of(this.#pick(this.#creators));
    await this.#toWallet(userId, [
      { type: 'UnlockFlow', userId: UserId.of(userId), flowId, creatorId, price: this.#credits(200_000) },
    ]);
  }

  async #promote(userId: string): Promise<void> {
    const expires =
      this.random() < 0.5 ? { expiresAt: this.#now + Math.ceil(this.random() * 9 * DAY_MS) } : {};
    await this.#toWallet(userId, [
      {
        type: 'AddCredits',
        kind: this.random() < 0.5 ? 'promo' : 'adjustment',
        userId: UserId.of(userId),
        amount: this.#credits(900_000),
        reason: 'goodwill',
        ...expires,
      },
    ]);
  }

  async #buy(userId: string, amount: bigint): Promise<void> {
    const paymentId = PaymentId.of(`pay-${this.#hex(12)}`);
    const registered = decidePayment(
      NO_PAYMENT,
      { type: 'RegisterPayment', paymentId, userId: UserId.of(userId), amount },
      { now: this.#now, commandId: this.#hex(32) },
    );
    if (registered.kind === 'refused') throw new Error(`Payment ${paymentId} was refused`);
    const stored = registered.events.map((event) =>
      this.#stored(event, 'local', `pay:${paymentId}`, undefined),
    );
    await this.#append(paymentStream(paymentId), 0, stored);
    await this.#toWallet(userId, [
      { type: 'AddCredits', kind: 'purchased', userId: UserId.of(userId), amount, paymentId },
    ]);
  }

  #chargeCommand(userId: string, withCreator: boolean): WalletCommand {
    const creatorId = UserId.of(this.#pick(this.#creators));
    return {
      type: 'ChargePrompt',
      userId: UserId.of(userId),
      runId: RunId.of(`3f2a9c71b04d-${++this.#commands}`),
      ...(withCreator ? { creatorId, promptId: PromptId.of(`prompt-${this.#commands % 97}`) } : {}),
      model: this.#pick(MODELS),
      tokens: {
        inputTokens: Math.floor(this.random() * 4_000),
        outputTokens: Math.floor(this.random() * 1_000),
        cachedInputTokens: this.random() < 0.1 ? Math.floor(this.random() * 1_000) : 0,
        cacheWriteTokens: 0,
      },
      creatorFee: withCreator ? 1_000n + BigInt(this.#commands % 7) : 0n,
      byok: this.random() < 0.05,
      purpose: this.random() < 0.1 ? 'test' : 'run',
    };
  }

  /** Decides the commands one after another and appends all their events at once; refused ones leave nothing. */
  async #toWallet(userId: string, commands: readonly WalletCommand[]): Promise<void> {
    const before = this.wallet(userId);
    let wallet = before;
    const events: WalletEvent[] = [];
    const stored: NewEvent[] = [];
    for (const command of commands) {
      const context = { now: (this.#now += Math.floor(this.random() * 1_000)), commandId: this.#hex(32) };
      const decision = decideWallet(wallet, command, context, TRAFFIC_TERMS);
      if (decision.kind === 'refused') continue;
      const key = command.type === 'ChargePrompt' ? `run:${command.runId}` : `key-${this.#hex(16)}`;
      for (const event of decision.events) {
        const next = evolveWallet(wallet, event);
        events.push(event);
        stored.push(this.#stored(event, 'local', key, balanceOf(next, event.at, TRAFFIC_TERMS.plans)));
        wallet = next;
      }
    }
    if (stored.length === 0) return;
    const positions = await this.#append(walletStream(userId), before.version, stored);
    this.#wallets.set(userId, wallet);
    events.forEach((event, i) => this.#remember(event, positions[i]!, stored[i]!.id));
  }

  #remember(event: WalletEvent, position: bigint, eventId: string): void {
    if (event.type !== 'PromptCharged' && event.type !== 'FlowUnlocked') return;
    if (event.creatorId === undefined || event.creatorShare === 0n) return;
    const reference = event.type === 'PromptCharged' ? event.runId : event.flowId;
    const sources = this.#unsettled.get(event.creatorId) ?? [];
    sources.push({
      source: {
        kind: event.type === 'PromptCharged' ? 'prompt' : 'flow',
        position,
        eventId,
        userId: event.userId,
        reference,
      },
      amount: event.creatorShare,
      earnedAt: event.at,
      funding: fundingOf(event),
    });
    this.#unsettled.set(event.creatorId, sources);
  }

  #stored(event: LedgerEvent, principal: string, key: string, balance: Balance | undefined): NewEvent {
    // All events of a command carry the same hash.
    const bodyHash = hash('sha256', `${principal} ${key}`, 'base64url');
    const metadata = { principal, key, bodyHash, ...(balance === undefined ? {} : { balance }) };
    return { id: this.#uuid(), ...encodeEvent(event), metadata: encodeMetadata(metadata) };
  }

  async #append(stream: string, version: number, events: readonly NewEvent[]): Promise<readonly bigint[]> {
    const expected = version === 0 ? ('no_stream' as const) : version - 1;
    return (await this.store.append(stream, events, { expected })).positions;
  }

  #pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.random() * from.length)]!;
  }

  #credits(max: number): bigint {
    return BigInt(1 + Math.floor(this.random() * max));
  }

  #hex(digits: number): string {
    let text = '';
    while (text.length < digits)
      text += Math.floor(this.random() * 2 ** 32)
        .toString(16)
        .padStart(8, '0');
    return text.slice(0, digits);
  }

  #uuid(): string {
    const hex = this.#hex(32);
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
  }
}
