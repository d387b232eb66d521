import { FlowId, HoldId, PaymentId, PromptId, RefundId, RunId, UserId } from '#libs/kernel/ids.js';
import { periodEnd, periodStart } from '#libs/kernel/period.js';
import { PLAN_NAMES, STANDARD_PLANS } from '#libs/ledger/plans/plan-table.js';
import { STANDARD_RATE_CARD } from '#libs/ledger/pricing/rate-card.js';
import type {
  AuthoriseRunCommand,
  ChargePromptCommand,
  WalletCommand,
} from '#libs/ledger/wallet/commands.js';
import type { WalletEvent } from '#libs/ledger/wallet/events.js';
import type { LiveWallet } from '#libs/ledger/wallet/state.js';
import {
  FREEZE_REASONS,
  LOT_KINDS,
  PROMPT_VISIBILITIES,
  REFUND_REASONS,
} from '#libs/ledger/wallet/vocabulary.js';
import type { Dice } from './random.js';

const MODELS = [...STANDARD_RATE_CARD.models.keys()];
const PRO_MODELS = [...STANDARD_PLANS.plans.PRO.models];
const FREE_MODELS = [...STANDARD_PLANS.plans.FREE.models];
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** What is referred to is taken from so many events at the end. */
const RECENT_EVENTS = 60;

type EventOf<T extends WalletEvent['type']> = Extract<WalletEvent, { readonly type: T }>;

/** A wallet that a command is made up for, as the deciders see it. */
export interface Subject {
  readonly wallet: LiveWallet;
  readonly events: readonly WalletEvent[];
}

/** Makes up commands of every kind; most refer to something that is there, and some are refused. */
export class TrafficCommands {
  #runs = 0;
  readonly #kinds: readonly (readonly [
    weight: number,
    make: (subject: Subject, now: number) => WalletCommand,
  ])[];
  readonly #weights: number;

  constructor(
    private readonly dice: Dice,
    private readonly creators: readonly string[],
  ) {
    this.#kinds = [
      [
        30,
        ({ wallet }) => this.charge(wallet.userId, dice.chance(0.5), dice.chance(0.4) ? MODELS : PRO_MODELS),
      ],
      [14, ({ wallet }) => this.#hold(wallet.userId)],
      [12, (subject) => this.#settle(subject)],
      [4, (subject) => this.#release(subject)],
      [9, (subject) => this.#refund(subject)],
      [4, ({ wallet }) => this.#unlock(wallet.userId)],
      [3, (subject) => this.#refundFlow(subject)],
      [7, ({ wallet }, now) => this.#give(wallet.userId, now)],
      [3, (subject) => this.#revoke(subject)],
      [3, (subject) => this.#reinstate(subject)],
      [2, ({ wallet }) => this.#correct(wallet.userId)],
      [3, ({ wallet }, now) => this.#subscribe(wallet.userId, now)],
      [4, ({ wallet }) => this.#changePlan(wallet.userId)],
      [1, ({ wallet }) => ({ type: 'CancelPlanChange', userId: wallet.userId })],
      [7, ({ wallet }) => this.#prompt(wallet)],
      [2, ({ wallet }) => this.#thresholds(wallet.userId)],
      [
        1,
        ({ wallet }) => ({
          type: 'FreezeWallet',
          userId: wallet.userId,
          reason: this.#oneOf(FREEZE_REASONS),
        }),
      ],
      [3, ({ wallet }) => ({ type: 'UnfreezeWallet', userId: wallet.userId })],
      [2, ({ wallet }) => ({ type: 'AdvanceWallet', userId: wallet.userId })],
      [0.1, ({ wallet }) => this.#close(wallet.userId)],
    ];
    this.#weights = this.#kinds.reduce((sum, [weight]) => sum + weight, 0);
  }

  next(subject: Subject, now: number): WalletCommand {
    let left = this.dice.random() * this.#weights;
    for (const [weight, make] of this.#kinds) {
      left -= weight;
      if (left < 0) return make(subject, now);
    }
    return this.charge(subject.wallet.userId, false);
  }

  /** Of a model that the plan PRO includes, unless others are named. */
  charge(userId: string, withCreator: boolean, models: readonly string[] = PRO_MODELS): ChargePromptCommand {
    const number = ++this.#runs;
    return {
      type: 'ChargePrompt',
      ...this.#run(userId, number),
      ...(withCreator
        ? {
            creatorId: UserId.of(this.#oneOf(this.creators)),
            promptId: PromptId.of(`prompt-${number % 97}`),
            creatorFee: 1_000n + BigInt(number % 7),
          }
        : {}),
      model: this.#oneOf(models),
      tokens: this.#tokens(4_000),
    };
  }

  #run(userId: string, number: number) {
    return {
      userId: UserId.of(userId),
      runId: RunId.of(`3f2a9c71b04d-${number}`),
      creatorFee: 0n,
      byok: this.dice.chance(0.05),
      purpose: this.dice.chance(0.15) ? ('test' as const) : ('run' as const),
    };
  }

  #tokens(max: number) {
    const { dice } = this;
    return {
      inputTokens: dice.below(max),
      outputTokens: dice.below(1 + max / 4),
      cachedInputTokens: dice.chance(0.1) ? dice.below(1_000) : 0,
      cacheWriteTokens: 0,
    };
  }

  #hold(userId: string): AuthoriseRunCommand {
    const { dice } = this;
    const number = ++this.#runs;
    const creator = dice.chance(0.4)
      ? { creatorId: UserId.of(this.#oneOf(this.creators)), creatorFee: dice.credits(5_000) }
      : {};
    return {
      type: 'AuthoriseRun',
      ...this.#run(userId, number),
      ...creator,
      model: this.#oneOf(FREE_MODELS),
      holdId: HoldId.of(`hold-${number}`),
      estimate: dice.chance(0.5)
        ? { tokens: this.#tokens(20_000) }
        : { amount: 5_000n + dice.credits(60_000) },
      ttlMs: dice.chance(0.7) ? MINUTE_MS * 15 : 1_000 + dice.below(DAY_MS - 1_000),
    };
  }

  /** Settles an open hold, or one that lapsed lately: as held, with more or fewer tokens than were estimated. */
  #settle(subject: Subject): WalletCommand {
    const { dice } = this;
    const lapsed = this.#recent(subject, 'HoldReleased').filter(({ cause }) => cause !== 'caller');
    const { holds, lapsedHolds } = subject.wallet;
    const hold =
      lapsed.length > 0 && dice.chance(0.3)
        ? lapsedHolds.get(dice.pick(lapsed)!.holdId)
        : dice.pick([...holds.values()]);
    if (hold === undefined) return this.#hold(subject.wallet.userId);
    const { userId, runId, model, purpose, byok, creatorId, creatorFee, holdId } = hold;
    return {
      type: 'ChargePrompt',
      userId,
      runId,
      model,
      purpose,
      byok,
      holdId,
      ...(creatorId === undefined ? {} : { creatorId }),
      creatorFee: dice.chance(0.7) ? creatorFee : creatorFee / 2n,
      tokens: this.#tokens(dice.pick([10_000, 10_000, 400_000, 40_000_000] as const)),
    };
  }

  #release({ wallet }: Subject): WalletCommand {
    const hold = this.dice.pick([...wallet.holds.values()]);
    return hold === undefined
      ? { type: 'AdvanceWallet', userId: wallet.userId }
      : { type: 'ReleaseHold', userId: wallet.userId, holdId: hold.holdId };
  }

  #refund(subject: Subject): WalletCommand {
    const { dice } = this;
    const charge = dice.pick(this.#recent(subject, 'PromptCharged'));
    const { userId } = subject.wallet;
    if (charge === undefined) return this.charge(userId, true);
    return {
      type: 'RefundPrompt',
      userId,
      runId: charge.runId,
      refundId: RefundId.of(`refund-${dice.hex(8)}`),
      ...(dice.chance(0.5) ? { amount: dice.credits(Number(charge.total) + 1) } : {}),
      reason: this.#oneOf(REFUND_REASONS),
    };
  }

  #unlock(userId: string): WalletCommand {
    return {
      type: 'UnlockFlow',
      userId: UserId.of(userId),
      flowId: FlowId.of(`flow-${this.dice.below(50)}`),
      creatorId: UserId.of(this.#oneOf(this.creators)),
      price: this.dice.credits(this.dice.chance(0.3) ? 30_000_000 : 200_000),
    };
  }

  #refundFlow(subject: Subject): WalletCommand {
    const { userId } = subject.wallet;
    const unlock = this.dice.pick(this.#recent(subject, 'FlowUnlocked'));
    if (unlock === undefined) return this.#unlock(userId);
    return {
      type: 'RefundFlow',
      userId,
      flowId: unlock.flowId,
      refundId: RefundId.of(`refund-${this.dice.hex(8)}`),
      reason: 'quality',
    };
  }

  #give(userId: string, now: number): WalletCommand {
    const { dice } = this;
    return {
      type: 'AddCredits',
      kind: dice.chance(0.5) ? 'promo' : 'adjustment',
      userId: UserId.of(userId),
      amount: dice.credits(900_000),
      reason: 'goodwill',
      ...(dice.chance(0.6) ? { expiresAt: now + Math.ceil(dice.random() * 9 * DAY_MS) } : {}),
    };
  }

  #revoke(subject: Subject): WalletCommand {
    const payment = this.#payment(subject);
    const { userId } = subject.wallet;
    if (payment === undefined) return { type: 'AdvanceWallet', userId };
    return { type: 'RevokeCredits', userId, reason: 'chargeback', paymentId: payment };
  }

  #reinstate(subject: Subject): WalletCommand {
    const { userId } = subject.wallet;
    const revoked = this.dice.pick(this.#recent(subject, 'CreditsRevoked'));
    const paymentId = revoked?.paymentId ?? this.#payment(subject);
    if (paymentId === undefined) return { type: 'AdvanceWallet', userId };
    return { type: 'ReinstateCredits', userId, paymentId };
  }

  #payment(subject: Subject): PaymentId | undefined {
    const bought = this.#recent(subject, 'CreditsAdded').filter(({ kind }) => kind === LOT_KINDS[3]);
    return this.dice.pick(bought)?.paymentId;
  }

  #correct(userId: string): WalletCommand {
    const amount = this.dice.credits(200_000);
    return { type: 'RevokeCredits', userId: UserId.of(userId), reason: 'correction', amount };
  }

  /** Pays for this month, the next, or a span across both. */
  #subscribe(userId: string, now: number): WalletCommand {
    const { dice } = this;
    return {
      type: 'PaySubscription',
      userId: UserId.of(userId),
      plan: dice.pick(['PRO', 'ELITE', 'ENTERPRISE'] as const),
      paymentId: PaymentId.of(`sub-${dice.hex(12)}`),
      amount: 20_000_000n,
      from: dice.chance(0.7) ? periodStart(now) : periodEnd(now),
      until: periodEnd(periodEnd(now) + dice.below(40) * DAY_MS),
    };
  }

  #changePlan(userId: string): WalletCommand {
    return {
      type: 'ChangePlan',
      userId: UserId.of(userId),
      plan: this.#oneOf(PLAN_NAMES),
      mayGrant: this.dice.chance(0.5),
    };
  }

  #prompt({ userId, prompts }: LiveWallet): WalletCommand {
    const { dice } = this;
    const [known] = dice.pick(prompts.entries()) ?? [];
    const visibility = this.#oneOf(PROMPT_VISIBILITIES);
    const sizeBytes = dice.chance(0.1) ? dice.below(2_000_000_000) : dice.below(50_000);
    if (known === undefined || dice.chance(0.5)) {
      const promptId = PromptId.of(`prompt-${dice.below(30)}`);
      return { type: 'CreatePrompt', userId, promptId, visibility, sizeBytes };
    }
    const promptId = PromptId.of(known);
    if (dice.chance(0.4)) return { type: 'DeletePrompt', userId, promptId };
    return {
      type: 'ChangePrompt',
      userId,
      promptId,
      ...(dice.chance(0.7) ? { visibility } : {}),
      ...(dice.chance(0.7) ? { sizeBytes } : {}),
    };
  }

  #thresholds(userId: string): WalletCommand {
    const { dice } = this;
    const thresholds = Array.from({ length: dice.below(4) }, () => dice.credits(3_000_000));
    return { type: 'SetThresholds', userId: UserId.of(userId), thresholds };
  }

  #close(userId: string): WalletCommand {
    return {
      type: 'CloseWallet',
      userId: UserId.of(userId),
      remainder: this.dice.chance(0.5) ? 'pay_back' : 'expire',
    };
  }

  #recent<T extends WalletEvent['type']>({ events }: Subject, type: T): EventOf<T>[] {
    return events.slice(-RECENT_EVENTS).filter((event): event is EventOf<T> => event.type === type);
  }

  #oneOf<T>(from: readonly T[]): T {
    return this.dice.pick(from)!;
  }
}
