import { PaymentId } from '#libs/kernel/ids.js';
import type { WalletCommand } from '#libs/ledger/wallet/commands.js';
import { commandAt, type Intent } from '#test/support/ledger/intents.js';
import { httpCommandOf } from '#test/support/model/http-commands.js';
import type { Reply } from './http.js';
import type { TwoProcesses } from './two-processes.js';

/** What one of the clients wants next. */
export interface Wish {
  readonly intent: Intent;
  readonly wallet: number;
  /** Which of the two processes is asked. */
  readonly turn: number;
  /** Take the key of an earlier command (counted back), with its body or with this one. */
  readonly again: { readonly back: number; readonly sameBody: boolean } | undefined;
}

interface Asked {
  readonly userId: string;
  readonly turn: number;
  /** On one clock of this process, ms: what had its answer before another was asked came before it. */
  readonly askedAt: number;
  readonly answeredAt: number;
  /** The machine's time around the answer, ms since the epoch. */
  readonly between: readonly [number, number];
  readonly reply: Reply;
}

export interface CommandAsked extends Asked {
  readonly kind: 'command';
  readonly key: string;
  readonly body: string;
  readonly command: WalletCommand;
}

export interface ReadAsked extends Asked {
  readonly kind: 'read';
  /** The position that the read had to have reached; undefined for none. */
  readonly minPosition: string | undefined;
}

export type Operation = CommandAsked | ReadAsked;

/** Clients that ask two processes at the same time, and every answer with its time. */
export class Clients {
  readonly operations: Operation[] = [];
  private readonly granted = new Map<string, WalletCommand[]>();
  private readonly sent = new Map<string, { key: string; command: WalletCommand }[]>();
  private readonly positions = new Map<string, string>();
  private keys = 0;

  constructor(
    private readonly processes: Pick<TwoProcesses, 'caller'>,
    private readonly prefix: string,
  ) {}

  /** Each client takes the next wish when it has the answer to its last. */
  async run(wishes: readonly Wish[], clients: number): Promise<readonly Operation[]> {
    let next = 0;
    const client = async (): Promise<void> => {
      while (next < wishes.length) {
        const index = next++;
        await this.ask(wishes[index]!, index);
      }
    };
    await Promise.all(Array.from({ length: clients }, client));
    return this.operations;
  }

  private async ask(wish: Wish, index: number): Promise<void> {
    const userId = `${this.prefix}-${wish.wallet}`;
    if (wish.intent.do === 'advance') return this.read(userId, wish.turn);
    const { key, command } = this.next(userId, wish, index);
    const timed = await this.timed(() => this.processes.caller(wish.turn).send(httpCommandOf(command), key));
    const { status, body } = timed.reply;
    this.operations.push({
      kind: 'command',
      userId,
      turn: wish.turn,
      key,
      command,
      body: JSON.stringify(command, asText),
      ...timed,
    });
    if (status !== 200 || body['replayed'] === true) return;
    this.listOf(this.granted, userId).push(command);
    this.positions.set(userId, String(body['position']));
  }

  private async read(userId: string, turn: number): Promise<void> {
    const minPosition = this.positions.get(userId);
    const since = minPosition === undefined ? '' : `&minPosition=${minPosition}`;
    const timed = await this.timed(() =>
      this.processes.caller(turn).get(`/api/credits/balance?userId=${userId}${since}`),
    );
    this.operations.push({ kind: 'read', userId, turn, minPosition, ...timed });
  }

  private async timed(
    ask: () => Promise<Reply>,
  ): Promise<Pick<Asked, 'askedAt' | 'answeredAt' | 'between' | 'reply'>> {
    const askedAt = performance.now();
    const from = Date.now();
    const reply = await ask();
    return { askedAt, answeredAt: performance.now(), between: [from, Date.now()], reply };
  }

  private next(
    userId: string,
    { intent, again }: Wish,
    index: number,
  ): { key: string; command: WalletCommand } {
    const sent = this.listOf(this.sent, userId);
    const earlier = again && sent.at(-again.back);
    const history = this.listOf(this.granted, userId);
    const command =
      earlier && again?.sameBody
        ? earlier.command
        : local(userId, commandAt(fresh(intent, index), { userId, now: Date.now(), history }));
    const next = { key: earlier?.key ?? `${this.prefix}-k${this.keys++}`, command };
    sent.push(next);
    return next;
  }

  private listOf<T>(lists: Map<string, T[]>, userId: string): T[] {
    const known = lists.get(userId);
    if (known !== undefined) return known;
    const list: T[] = [];
    lists.set(userId, list);
    return list;
  }
}

/** After so many wishes the few ids are used up: new ones come into use. */
const WISHES_AN_EPOCH = 400;
const ID_FIELDS: readonly string[] = ['runId', 'holdId', 'refundId', 'paymentId', 'flowId', 'promptId'];

const fresh = (intent: Intent, index: number): Intent =>
  Object.fromEntries(
    Object.entries(intent).map(([field, value]) => [
      field,
      ID_FIELDS.includes(field)
        ? `${value as string}.${Math.floor(index / WISHES_AN_EPOCH)}`
        : (value as unknown),
    ]),
  ) as unknown as Intent;

/** Payments are unique in the whole ledger; and the local caller may grant plans. */
function local(userId: string, command: WalletCommand): WalletCommand {
  if ('paymentId' in command && !command.paymentId.startsWith(userId))
    return { ...command, paymentId: PaymentId.of(`${userId}.${command.paymentId}`) };
  return 'mayGrant' in command ? { ...command, mayGrant: true } : command;
}

export const asText = (_key: string, value: unknown): unknown =>
  typeof value === 'bigint' ? value.toString() : value;
