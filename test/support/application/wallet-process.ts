import { type BodyFields, hashBody } from '#libs/application/body-hash.js';
import type { Envelope } from '#libs/application/envelope.js';
import type { Done, Outcome } from '#libs/application/outcome.js';
import { StreamExecutor, type StreamExecutorOptions } from '#libs/application/stream-executor.js';
import { walletDefinition, type WalletExecutor } from '#libs/application/write-path.js';
import type { EventStore } from '#libs/event-store/port.js';
import type { Clock } from '#libs/kernel/clock.js';
import { walletStream } from '#libs/ledger/events.js';
import type { Terms } from '#libs/ledger/pricing/terms.js';
import type { WalletCommand } from '#libs/ledger/wallet/commands.js';
import type { WalletEvent } from '#libs/ledger/wallet/events.js';
import type { Wallet } from '#libs/ledger/wallet/state.js';
import { TERMS, termsWith } from '../ledger/given.js';
import { NOW, USER } from '../ledger/wallet-builders.js';

export const STREAM = walletStream(USER);

/** A clock that stands still until it is set. */
export class ManualClock implements Clock {
  constructor(public t: number = NOW) {}

  now(): number {
    return this.t;
  }
}

export const envelopeOf = (key: string, command: object, principal = 'local'): Envelope => ({
  principal,
  key,
  bodyHash: hashBody('test', command as BodyFields),
});

type Options = Partial<Omit<StreamExecutorOptions<Wallet, WalletCommand, WalletEvent>, 'store'>> & {
  readonly terms?: Terms;
};

/** The standard terms, but with every model in the free plan: these tests are about queues, keys and credits. */
export const OPEN_TERMS: Terms = termsWith({
  plans: { FREE: { models: TERMS.plansAt(NOW).plans.ELITE.models } },
});

/** One process of the ledger as far as wallets go: an executor of its own over a store that others may share. */
export class WalletProcess {
  readonly executor: WalletExecutor;

  constructor(store: EventStore, { terms = OPEN_TERMS, ...options }: Options = {}) {
    this.executor = new StreamExecutor({
      store,
      clock: new ManualClock(),
      definition: walletDefinition(() => terms),
      ...options,
    });
  }

  /** Sends under `key`; the body hash is that of the command itself. */
  send(key: string, command: WalletCommand, principal?: string): Promise<Outcome<WalletEvent>> {
    return this.executor.execute(walletStream(command.userId), envelopeOf(key, command, principal), command);
  }

  preview(key: string, command: WalletCommand): Promise<Outcome<WalletEvent>> {
    return this.executor.preview(walletStream(command.userId), envelopeOf(key, command), command);
  }

  async done(key: string, command: WalletCommand): Promise<Done<WalletEvent>> {
    return asDone(await this.send(key, command));
  }
}

export function asDone<E extends WalletEvent>(outcome: Outcome<E>): Done<E> {
  if (outcome.kind !== 'done') throw new Error(`Refused: ${outcome.refusal.code}`);
  return outcome;
}

export const codeOf = (outcome: Outcome): string =>
  outcome.kind === 'refused' ? outcome.refusal.code : outcome.kind;

/** The text of a reply, fields in one order and amounts as strings: two replies with the same text are the same. */
export function replyText(value: unknown): string {
  return JSON.stringify(value, (_key, field: unknown) => {
    if (typeof field === 'bigint') return field.toString();
    if (field === null || typeof field !== 'object' || Array.isArray(field)) return field;
    return Object.fromEntries(Object.entries(field).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
