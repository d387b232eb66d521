import { setTimeout as sleep } from 'node:timers/promises';
import { encodeMetadata } from '#libs/contracts/metadata.js';
import { decodeEvent, encodeEvent } from '#libs/contracts/stored-events.js';
import { MemoryEventStore } from '#libs/event-store/memory-store.js';
import { CreatorId, PayoutId } from '#libs/kernel/ids.js';
import { periodEnd, periodStart } from '#libs/kernel/period.js';
import { postingsOf } from '#libs/ledger/accounting/postings.js';
import type { CreatorCommand } from '#libs/ledger/creator/commands.js';
import { decideCreator } from '#libs/ledger/creator/decide.js';
import type { CreatorEvent } from '#libs/ledger/creator/events.js';
import { type Creator, earningsAt, evolveCreator, NO_CREATOR } from '#libs/ledger/creator/state.js';
import { DAY_MS, STANDARD_CREATOR_TERMS } from '#libs/ledger/creator/terms.js';
import { creatorStream } from '#libs/ledger/events.js';
import { creatorEarnings } from '#projections/creator-earnings/project.js';
import { listPayouts, readEarnings, readStatement } from '#projections/creator-earnings/queries.js';
import { seededRandom } from '#test/support/random.js';
import { earned, pastOfCreator, reversed } from '#test/support/ledger/creator-builders.js';
import { ProjectionLab } from '#test/support/projection-lab.js';
import { printedSeed } from '#test/support/property.js';

const STEPS = 400;
const CREATORS = ['c-1', 'c-2', 'c-3'].map((id) => CreatorId.of(id));
const START = Date.UTC(2026, 8, 20);
const TERMS = STANDARD_CREATOR_TERMS;

/** Random but valid lives of some creators over a few months, decided by the domain. */
class Creators {
  now = START;
  readonly states = new Map<CreatorId, Creator>();
  readonly logs = new Map<CreatorId, CreatorEvent[]>();
  readonly #shares = new Map<CreatorId, { earnedAt: number; left: bigint }[]>();
  readonly #payouts = new Map<CreatorId, PayoutId[]>();
  #position = 0n;

  constructor(
    private readonly store: MemoryEventStore,
    private readonly random: () => number,
  ) {}

  async step(): Promise<void> {
    const creatorId = this.#pick(CREATORS);
    const shares = (this.#shares.get(creatorId) ?? this.#shares.set(creatorId, []).get(creatorId))!;
    const payouts = (this.#payouts.get(creatorId) ?? this.#payouts.set(creatorId, []).get(creatorId))!;
    const dice = this.random();
    this.now += Math.floor(this.random() * DAY_MS);
    if (dice < 0.4 || shares.length === 0) {
      const share = { earnedAt: this.now, left: BigInt(1 + Math.floor(this.random() * 12_000_000)) };
      shares.push(share);
      const source = earned((this.#position += 1n), share.left, share.earnedAt);
      await this.#send({ type: 'SettleSources', creatorId, sources: [source] });
    } else if (dice < 0.6) {
      const share = this.#pick(shares);
      const amount = share.left / BigInt(1 + Math.floor(this.random() * 2));
      if (amount === 0n) return;
      share.left -= amount;
      const source = reversed((this.#position += 1n), amount, share.earnedAt);
      await this.#send({ type: 'SettleSources', creatorId, sources: [source] });
    } else if (dice < 0.65) {
      const reference = `acct-${this.#position}`;
      await this.#send({ type: 'VerifyPayoutDestination', creatorId, provider: 'bank', reference });
    } else if (dice < 0.8) {
      const payoutId = PayoutId.of(`payout-${payouts.length}`);
      if (await this.#send({ type: 'RequestPayout', creatorId, payoutId })) payouts.push(payoutId);
    } else if (payouts.length > 0) {
      const named = { creatorId, payoutId: this.#pick(payouts) };
      await this.#send(
        this.#pick<CreatorCommand>([
          { type: 'MarkPayoutSent', ...named, reference: 'tr-1' },
          { type: 'MarkPayoutSettled', ...named },
          { type: 'MarkPayoutFailed', ...named, reason: 'returned' },
        ]),
      );
    }
  }

  async #send(command: CreatorCommand): Promise<boolean> {
    const { creatorId } = command;
    const state = this.states.get(creatorId) ?? NO_CREATOR;
    const log = this.logs.get(creatorId) ?? [];
    const context = { now: this.now, commandId: '', past: pastOfCreator(log) };
    const decision = decideCreator(state, command, context, TERMS);
    if (decision.kind === 'refused') return false;
    const metadata = encodeMetadata({ principal: 'test', key: `${log.length}`, bodyHash: '' });
    await this.store.append(
      creatorStream(creatorId),
      decision.events.map((event) => ({ id: crypto.randomUUID(), ...encodeEvent(event), metadata })),
      { expected: state.version === 0 ? 'no_stream' : state.version - 1 },
    );
    this.states.set(creatorId, decision.events.reduce<Creator>(evolveCreator, state));
    this.logs.set(creatorId, [...log, ...decision.events]);
    return true;
  }

  #pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.random() * from.length)]!;
  }
}

describe('the read model of creators', () => {
  let creators: Creators;
  let lab: ProjectionLab;

  beforeAll(async () => {
    const random = seededRandom(printedSeed('creator read model', STEPS));
    const clock = { now: START };
    const store = new MemoryEventStore({ now: () => clock.now });
    creators = new Creators(store, random);
    lab = await ProjectionLab.open({ store });
    const { stop } = lab.run({ projections: [creatorEarnings], windowEventsMax: 7 });
    for (let i = 0; i < STEPS; i++) {
      await creators.step();
      clock.now = creators.now;
      // So that batches of several sizes are projected.
      if (i % 50 === 0) await sleep(5);
    }
    await lab.caughtUp(['creator-earnings']);
    await stop();
  }, 60_000);

  afterAll(() => lab?.close());

  test('earnings at any time are those of the folded stream', async () => {
    for (const creatorId of CREATORS) {
      for (let t = START; t < creators.now + 20 * DAY_MS; t += 5 * DAY_MS + 3_600_001) {
        const { value } = await readEarnings(lab.pool, creatorId, { t, terms: TERMS });
        expect(value).toMatchObject(earningsAt(creators.states.get(creatorId)!, t, TERMS));
      }
    }
    expect((await readEarnings(lab.pool, 'nobody', { t: START, terms: TERMS })).value).toBeUndefined();
  });

  test('the destination is the one verified last', async () => {
    for (const creatorId of CREATORS) {
      const last = creators.logs.get(creatorId)!.findLast(({ type }) => type === 'PayoutDestinationVerified');
      const { value } = await readEarnings(lab.pool, creatorId, { t: creators.now, terms: TERMS });
      expect(value?.destination).toEqual(
        last?.type === 'PayoutDestinationVerified'
          ? { provider: last.provider, reference: last.reference }
          : undefined,
      );
    }
  });

  test('payouts are in the state of their last event, newest first', async () => {
    const types = [...creators.logs.values()].flat().map(({ type }) => type);
    expect(types).toEqual(expect.arrayContaining(['PayoutRequested', 'PayoutSettled', 'PayoutFailed']));
    for (const creatorId of CREATORS) {
      const last = new Map<string, string>();
      for (const event of creators.logs.get(creatorId)!) {
        if ('payoutId' in event) last.set(event.payoutId, event.type.replace('Payout', '').toLowerCase());
      }
      const { value } = await listPayouts(lab.pool, { creatorId, limit: 1_000 });
      expect(value.map(({ payoutId, state }) => [payoutId, state])).toEqual([...last].reverse());
      expect(value.every(({ amount }) => amount % 10_000n === 0n)).toBe(true);
      const [first] = (await listPayouts(lab.pool, { creatorId, limit: 1 })).value;
      expect(first).toEqual(value[0]);
      const before = first === undefined ? {} : { before: first.position };
      const rest = (await listPayouts(lab.pool, { creatorId, limit: 1_000, ...before })).value;
      expect(rest).toEqual(value.slice(1));
    }
  });

  test('months follow on each other and end where the books of the log stand', async () => {
    const log = await lab.log();
    for (const creatorId of CREATORS) {
      let before: bigint | undefined;
      for (let month = periodStart(START); month <= creators.now; month = periodEnd(month)) {
        const { value } = await readStatement(lab.pool, creatorId, month);
        expect(value!.opening.owed).toBe(before ?? 0n);
        before = value!.closing.owed;
        const booked = new Map<string, bigint>();
        for (const recorded of log.filter(({ recordedAt }) => recordedAt < periodEnd(month))) {
          for (const { account, amount } of postingsOf(decodeEvent(recorded))) {
            booked.set(account, (booked.get(account) ?? 0n) + amount);
          }
        }
        expect(value!.closing.owed).toBe(booked.get(`creator:${creatorId}:payable`) ?? 0n);
      }
      const { payable, accrued, inPayout, paid } = earningsAt(
        creators.states.get(creatorId)!,
        creators.now,
        TERMS,
      );
      const { value } = await readStatement(lab.pool, creatorId, periodStart(creators.now));
      expect(value!.closing).toEqual({ owed: payable + accrued, inPayout, paid });
    }
    expect((await readStatement(lab.pool, 'nobody', periodStart(START))).value).toBeUndefined();
  });
});
