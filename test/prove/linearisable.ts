import { isDeepStrictEqual } from 'node:util';
import type { WalletEvent } from '#libs/ledger/wallet/events.js';
import { ModelWallet } from '#test/support/ledger/model-wallet.js';
import type { ModelAnswer } from '#test/support/model/answers.js';
import { newLots } from '#test/support/model/comparison.js';
import { shownBalance, shownRefusal } from '#test/support/model/http-commands.js';
import { claimOf } from '#test/support/model/ledger.js';
import { STANDARD_MODEL_TERMS } from '#test/support/model/terms.js';
import { asText, type CommandAsked, type Operation, type ReadAsked } from './history.js';

/** An event of a wallet's stream, by its id. */
export type Logged = ReadonlyMap<string, WalletEvent>;

interface Granted extends CommandAsked {
  readonly position: bigint;
  readonly events: readonly WalletEvent[];
}

/** What has left no event and so must fit between two that have: anywhere from state `from` to state `to`. */
interface Window<O extends Operation> {
  readonly asked: O;
  readonly from: number;
  readonly to: number;
  /** What the model said of it instead, state by state. */
  readonly tried: string[];
}

const positionOf = (text: unknown): bigint => BigInt(String(text).split('-')[1]!);

/**
 * Checks that one wallet's answers are those of a sequential wallet, in an order that keeps real time.
 *
 * A wallet is one stream, so the order of what took effect is known: that of positions. It must keep real time (what was
 * answered before another was asked lies before it), the model taken through it must give every answer word for word,
 * and the stream must hold what was acknowledged and nothing else. A refusal, a replay or a read must be the answer in
 * some state between the last effect answered before it was asked, and the first effect asked after it was answered.
 * @throws naming the operation that does not fit
 */
export function checkLinearisable(operations: readonly Operation[], logged: Logged): void {
  const commands = operations.filter((asked) => asked.kind === 'command');
  const granted = grantedOf(commands, logged);
  checkRealTime(granted);
  const left = commands.filter((asked) => !isGranted(asked)).map((asked) => windowOf(asked, granted));
  const reads = operations.filter((asked) => asked.kind === 'read');
  const readAt = reads.map((asked) => ({ asked, state: stateOfRead(asked, granted) }));
  const model = new ModelWallet(STANDARD_MODEL_TERMS);
  let open = left;
  for (let state = 0; state <= granted.length; state++) {
    for (const { asked, state: at } of readAt) if (at === state) checkRead(asked, model);
    open = stillOpen(open, state, model, commands);
    const next = granted[state];
    if (next !== undefined) checkGranted(next, model);
  }
  if (open.length > 0) throw new Error(`In no state: ${described(open[0]!)}`);
}

const isGranted = ({ reply }: CommandAsked): boolean =>
  reply.status === 200 && reply.body['replayed'] === false;

function grantedOf(commands: readonly CommandAsked[], logged: Logged): readonly Granted[] {
  const granted = commands
    .filter(isGranted)
    .map((asked): Granted => {
      const ids = asked.reply.body['eventIds'] as readonly string[];
      const events = ids.map((id) => logged.get(id));
      if (events.some((event) => event === undefined))
        throw new Error(`Acknowledged and not in the log: ${text(asked)}`);
      return {
        ...asked,
        events: events as WalletEvent[],
        position: positionOf(asked.reply.body['position']),
      };
    })
    .sort((a, b) => (a.position < b.position ? -1 : 1));
  const count = granted.reduce((sum, { events }) => sum + events.length, 0);
  if (count !== logged.size)
    throw new Error(`${logged.size} events in the log, ${count} of them acknowledged`);
  return granted;
}

function checkRealTime(granted: readonly Granted[]): void {
  let lastAsked = -Infinity;
  for (const asked of granted) {
    if (asked.answeredAt < lastAsked) throw new Error(`Lies behind one that was asked later: ${text(asked)}`);
    lastAsked = Math.max(lastAsked, asked.askedAt);
  }
}

function windowOf<O extends Operation>(asked: O, granted: readonly Granted[]): Window<O> {
  const from = 1 + granted.findLastIndex(({ answeredAt }) => answeredAt < asked.askedAt);
  const later = granted.findIndex(({ askedAt }) => askedAt > asked.answeredAt);
  const to = later < 0 ? granted.length : later;
  return { asked, from, to, tried: [] };
}

/** A read says itself which state it shows; undefined when there was no wallet to show. */
function stateOfRead(asked: ReadAsked, granted: readonly Granted[]): number | undefined {
  const { reply, minPosition } = asked;
  const { to } = windowOf(asked, granted);
  if (reply.status === 404 && minPosition === undefined) return undefined;
  if (reply.status !== 200) throw new Error(`Read answered ${reply.status}: ${JSON.stringify(reply.body)}`);
  const shown = positionOf((reply.body['asOf'] as Record<string, unknown>)['position']);
  if (minPosition !== undefined && shown < positionOf(minPosition))
    throw new Error(`Read shows ${shown}, before ${minPosition}`);
  const state = granted.filter(({ position }) => position <= shown).length;
  if (state > to) throw new Error(`Read shows what was asked only later: state ${state}, at most ${to}`);
  return state;
}

function checkRead({ reply }: ReadAsked, model: ModelWallet): void {
  const time = Date.parse((reply.body['asOf'] as Record<string, string>)['time']!);
  const shown = { ...shownBalance(reply.body), uncollected: BigInt(reply.body['uncollected'] as string) };
  const expected = model.balanceAt(time);
  if (!isDeepStrictEqual(shown, expected))
    throw new Error(
      `Read shows ${JSON.stringify(shown, asText)}, the model ${JSON.stringify(expected, asText)}`,
    );
}

function checkGranted(asked: Granted, model: ModelWallet): void {
  const at = asked.events.at(-1)!.at;
  const expected = said(model.send(asked.key, asked.body, asked.command, at));
  const actual = answerOf(asked);
  if (!isDeepStrictEqual(actual, expected))
    throw new Error(`${text(asked)}\nthe model: ${JSON.stringify(expected, asText)}`);
  model.nameLots(newLots(asked.events));
}

/** Those whose answer is not the model's in this state and may still be in a later one. */
function stillOpen(
  open: readonly Window<CommandAsked>[],
  state: number,
  model: ModelWallet,
  all: readonly CommandAsked[],
): Window<CommandAsked>[] {
  let scratch: ModelWallet | undefined;
  return open.filter((window) => {
    const { asked, from, to, tried } = window;
    if (state < from) return true;
    if (state > to) throw new Error(`In no state: ${described(window)}`);
    if (isClaimedElsewhere(asked, all)) return false;
    const actual = answerOf(asked);
    for (const now of asked.between) {
      scratch ??= model.copy();
      const answer = scratch.send(asked.key, asked.body, asked.command, now);
      if (answer.done && !answer.replayed) scratch = undefined;
      if (isDeepStrictEqual(actual, said(answer))) return false;
      tried.push(`state ${state}: ${JSON.stringify(said(answer), asText)}`);
    }
    return true;
  });
}

/** A payment is claimed in a stream of its own, before the wallet has its credits: somebody else was quicker there. */
function isClaimedElsewhere(asked: CommandAsked, all: readonly CommandAsked[]): boolean {
  if (asked.reply.body['code'] !== 'payment.already_credited') return false;
  const claim = claimOf(asked.command);
  return all.some((other) => {
    const theirs = claimOf(other.command);
    return theirs?.id === claim?.id && theirs?.text !== claim?.text && other.askedAt < asked.answeredAt;
  });
}

function answerOf({ reply: { status, body } }: CommandAsked): object {
  if (status !== 200) return shownRefusal(body);
  const balance = shownBalance(body['balanceAfter'] as Record<string, unknown>);
  return { done: true, replayed: body['replayed'], balance };
}

function said(answer: ModelAnswer): object {
  if (!answer.done) return answer;
  const { uncollected: _, ...balance } = answer.balance;
  return { done: true, replayed: answer.replayed, balance };
}

const text = ({ command, key, reply, turn, askedAt, answeredAt }: CommandAsked): string =>
  JSON.stringify({ turn, key, command, askedAt, answeredAt, reply }, asText);

const described = ({ asked, from, to, tried }: Window<CommandAsked>): string =>
  `${text(asked)}\nfrom state ${from} to ${to}; the model:\n${tried.join('\n')}`;
