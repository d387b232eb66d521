import type { LotKind } from '#libs/ledger/wallet/events.js';
import type { WalletCommand } from '#libs/ledger/wallet/commands.js';
import { expectedCharge, EXPECTED_MODELS } from '../expected-pricing.js';

/**
 * A wallet as the domain rules describe it, written as plainly as possible and apart from the ledger's own code: a
 * mutable list of lots, sets of used ids, a table of answered keys. Tests hold the ledger against it.
 */

type Command<T extends WalletCommand['type']> = Extract<WalletCommand, { type: T }>;

interface ModelLot {
  readonly kind: LotKind;
  left: bigint;
  /** Milliseconds since the epoch; Infinity for none. */
  readonly lapsesAt: number;
  readonly bornAt: number;
}

export interface ModelBalance {
  readonly available: bigint;
  readonly monthly: bigint;
  readonly promo: bigint;
  readonly purchased: bigint;
  /** Credits the allowance of an unlimited plan covered this month. */
  readonly unlimitedUsed?: bigint;
}

export type ModelAnswer =
  | { readonly done: true; readonly replayed: boolean; readonly balance: ModelBalance }
  | {
      readonly done: false;
      readonly code: string;
      readonly needed?: bigint;
      readonly available?: bigint;
    };

const MONTHLY: Readonly<Record<string, bigint>> = { FREE: 100_000n, PRO: 15_000_000n };
const GROUP: Readonly<Record<LotKind, number>> = { monthly: 0, promo: 1, refund: 2, purchased: 2 };
const month = (t: number): string => new Date(t).toISOString().slice(0, 7);

/** First millisecond of the month after `t`, found from its name. */
function nextMonth(t: number): number {
  const [year, number] = month(t).split('-').map(Number) as [number, number];
  return Date.parse(
    number === 12 ? `${year + 1}-01-01` : `${year}-${String(number + 1).padStart(2, '0')}-01`,
  );
}

const refusal = (code: string): ModelAnswer => ({ done: false, code });

export class ModelWallet {
  private plan: string | undefined;
  private lots: ModelLot[] = [];
  private lastAt = 0;
  private grantedMonth = '';
  private allowanceUsed = new Map<string, bigint>();
  private readonly used = new Set<string>();
  private readonly keys = new Map<string, { body: string; balance: ModelBalance }>();

  send(key: string, body: string, command: WalletCommand, now: number): ModelAnswer {
    const answered = this.keys.get(key);
    if (answered !== undefined) {
      return answered.body === body
        ? { done: true, replayed: true, balance: answered.balance }
        : refusal('request.id_reused');
    }
    const answer = this.judge(command, now);
    if (answer.done) this.keys.set(key, { body, balance: answer.balance });
    return answer;
  }

  private judge(command: WalletCommand, now: number): ModelAnswer {
    if (command.type === 'OpenWallet') return this.open(command, now);
    if (this.plan === undefined) return refusal('wallet.not_found');
    const before = { lots: this.lots.map((lot) => ({ ...lot })), grantedMonth: this.grantedMonth };
    const t = Math.max(now, this.lastAt);
    this.advance(t);
    const refused = this.apply(command, t);
    if (refused !== undefined) {
      // A refusal leaves no trace, not even of time.
      Object.assign(this, before);
      return refused;
    }
    return this.doneAt(t);
  }

  private open({ plan }: Command<'OpenWallet'>, now: number): ModelAnswer {
    if (this.plan !== undefined) return refusal('wallet.already_open');
    this.plan = plan;
    this.advance(now);
    return this.doneAt(now);
  }

  private doneAt(t: number): ModelAnswer {
    this.lastAt = t;
    return { done: true, replayed: false, balance: this.balance(t) };
  }

  private advance(t: number): void {
    this.lots = this.lots.filter((lot) => lot.lapsesAt > t);
    if (this.grantedMonth >= month(t)) return;
    this.grantedMonth = month(t);
    const grant = MONTHLY[this.plan!];
    if (grant !== undefined) {
      this.lots.push({ kind: 'monthly', left: grant, lapsesAt: nextMonth(t), bornAt: t });
    }
  }

  private apply(command: Exclude<WalletCommand, { type: 'OpenWallet' }>, t: number): ModelAnswer | undefined {
    switch (command.type) {
      case 'AddCredits':
        return this.add(command, t);
      case 'ChargePrompt':
        return this.charge(command, t);
      case 'UnlockFlow':
        return this.unlock(command);
    }
  }

  private add(command: Command<'AddCredits'>, t: number): ModelAnswer | undefined {
    const lapsesAt = command.expiresAt ?? Infinity;
    if (lapsesAt <= t) return refusal('request.invalid');
    if (command.kind === 'purchased') {
      if (this.used.has(`payment ${command.paymentId}`)) return refusal('payment.already_credited');
      this.used.add(`payment ${command.paymentId}`);
    }
    const kind = command.kind === 'purchased' ? 'purchased' : 'promo';
    this.lots.push({ kind, left: command.amount, lapsesAt, bornAt: t });
    return undefined;
  }

  private charge(command: Command<'ChargePrompt'>, t: number): ModelAnswer | undefined {
    if (this.used.has(`run ${command.runId}`)) return refusal('run.already_charged');
    if (!EXPECTED_MODELS.includes(command.model)) return refusal('model.unpriced');
    const { inference, markup, creatorFee } = expectedCharge({
      model: command.model,
      ...command.tokens,
      creatorFee: Number(command.creatorFee),
      creatorIsPayer: command.creatorId === command.userId,
    });
    const platform = command.byok ? 0n : inference + markup;
    const unlimited = MONTHLY[this.plan!] === undefined;
    const short = this.spend(creatorFee + (unlimited ? 0n : platform));
    if (short !== undefined) return short;
    if (unlimited) this.allowanceUsed.set(month(t), (this.allowanceUsed.get(month(t)) ?? 0n) + platform);
    this.used.add(`run ${command.runId}`);
    return undefined;
  }

  private unlock({ creatorId, userId, flowId, price }: Command<'UnlockFlow'>): ModelAnswer | undefined {
    if (creatorId === userId) return refusal('flow.own_flow');
    if (this.used.has(`flow ${flowId}`)) return refusal('flow.already_unlocked');
    const short = this.spend(price);
    if (short === undefined) this.used.add(`flow ${flowId}`);
    return short;
  }

  private spend(needed: bigint): ModelAnswer | undefined {
    const available = this.lots.reduce((sum, { left }) => sum + left, 0n);
    if (available < needed) return { done: false, code: 'wallet.insufficient_credits', needed, available };
    this.lots.sort(
      (a, b) =>
        GROUP[a.kind] - GROUP[b.kind] ||
        (a.lapsesAt === b.lapsesAt ? a.bornAt - b.bornAt : a.lapsesAt - b.lapsesAt),
    );
    for (const lot of this.lots) {
      const part = lot.left < needed ? lot.left : needed;
      lot.left -= part;
      needed -= part;
    }
    this.lots = this.lots.filter(({ left }) => left > 0n);
    return undefined;
  }

  private balance(t: number): ModelBalance {
    const sum = (kind?: LotKind) =>
      this.lots.reduce(
        (total, lot) => (kind === undefined || lot.kind === kind ? total + lot.left : total),
        0n,
      );
    return {
      available: sum(),
      monthly: sum('monthly'),
      promo: sum('promo'),
      purchased: sum('purchased'),
      ...(MONTHLY[this.plan!] === undefined ? { unlimitedUsed: this.allowanceUsed.get(month(t)) ?? 0n } : {}),
    };
  }
}
