import { encodeMetadata } from '#libs/contracts/metadata.js';
import { encodeEvent } from '#libs/contracts/stored-events.js';
import { MemoryEventStore } from '#libs/event-store/memory-store.js';
import { parsePosition } from '#libs/event-store/position.js';
import { LOG_START, type Position } from '#libs/event-store/port.js';
import { CreatorId, FlowId, RefundId, RunId } from '#libs/kernel/ids.js';
import { decideCreator } from '#libs/ledger/creator/decide.js';
import type { CreatorEvent } from '#libs/ledger/creator/events.js';
import { STANDARD_CREATOR_TERMS } from '#libs/ledger/creator/terms.js';
import { creatorStream, walletStream } from '#libs/ledger/events.js';
import type { PromptRefunded, WalletEvent } from '#libs/ledger/wallet/events.js';
import { foldCreator, pastOfCreator } from '#test/support/ledger/creator-builders.js';
import { charged, NOW, unlocked, USER } from '#test/support/ledger/wallet-builders.js';
import type { CheckpointStore } from '../checkpoints.js';
import type { CreatorExecutor } from '../write-path.js';
import { runCreatorSettlement, type StuckCreator } from './creator-settlement.js';

const [GOOD, BAD] = [CreatorId.of('c-good'), CreatorId.of('c-bad')];

class MemoryCheckpoints implements CheckpointStore {
  saved: string | undefined;
  load = async () => this.saved;
  save = async (_name: string, position: string) => {
    this.saved = position;
  };
}

/** Creators' streams without a store: what was settled for whom, and which streams cannot be written now. */
class FakeCreators {
  readonly streams = new Map<string, CreatorEvent[]>();
  readonly broken = new Set<string>();

  execute: CreatorExecutor['execute'] = async (stream, _envelope, command) => {
    if (this.broken.has(stream)) throw new Error(`${stream} is broken`);
    const events = this.streams.get(stream) ?? [];
    const context = { now: NOW, commandId: '', past: pastOfCreator(events) };
    const decision = decideCreator(foldCreator(events), command, context, STANDARD_CREATOR_TERMS);
    if (decision.kind === 'refused') return decision;
    this.streams.set(stream, [...events, ...decision.events]);
    return { kind: 'done', replayed: false, events: decision.events, eventIds: [], position: 0n };
  };

  /** The sources settled for the creator, with their amounts, in the order of the stream. */
  settledOf(creatorId: CreatorId): readonly string[] {
    return (this.streams.get(creatorStream(creatorId)) ?? []).map((event) =>
      event.type === 'CreatorPaid' || event.type === 'CreatorEarningsReversed'
        ? `${event.type === 'CreatorPaid' ? '+' : '-'}${event.amount} ${event.source.reference}`
        : event.type,
    );
  }
}

const charge = (creatorId: CreatorId, run: string, at = NOW): WalletEvent =>
  charged([], {
    runId: RunId.of(run),
    creatorId,
    at,
    creatorFee: 1_003n,
    creatorShare: 803n,
    platformShare: 200n,
    uncollected: 0n,
  });

const refund = (creatorId: CreatorId | undefined, run: string, creatorShare: bigint): PromptRefunded => {
  const parts = { inference: 0n, markup: 0n, byokFee: 0n, platformShare: 0n, creatorShare };
  return {
    type: 'PromptRefunded',
    userId: USER,
    at: NOW + 9,
    runId: RunId.of(run),
    refundId: RefundId.of(`refund-${run}`),
    reason: 'quality',
    amount: creatorShare,
    ...(creatorId === undefined ? {} : { creatorId }),
    chargedAt: NOW,
    restored: [],
    parts,
    refunded: parts,
    uncollected: 0n,
    allowance: 0n,
  };
};

class Lab {
  readonly store = new MemoryEventStore();
  readonly checkpoints = new MemoryCheckpoints();
  readonly creators = new FakeCreators();
  readonly stuck: StuckCreator[] = [];
  private readonly positions: Position[] = [];
  private revision = -1;

  async append(...events: readonly WalletEvent[]): Promise<void> {
    const { positions } = await this.store.append(
      walletStream(USER),
      events.map((event, i) => ({
        id: `00000000-0000-4000-8000-${String(this.revision + 2 + i).padStart(12, '0')}`,
        ...encodeEvent(event),
        metadata: encodeMetadata({ principal: 'test', key: `${this.revision}`, bodyHash: '' }),
      })),
      { expected: this.revision < 0 ? 'no_stream' : this.revision },
    );
    this.positions.push(...positions);
    this.revision += events.length;
  }

  /** Runs the process manager until `done`, at most 5 s; with `failingUntil`, the bad creator is mended then. */
  async run(
    done: () => boolean,
    mend: () => boolean = () => false,
    more: { readonly waitingMax?: number } = {},
  ): Promise<void> {
    const stop = AbortSignal.timeout(5_000);
    const finished = new AbortController();
    const running = runCreatorSettlement({
      store: this.store,
      creators: this.creators,
      checkpoints: this.checkpoints,
      signal: AbortSignal.any([stop, finished.signal]),
      onStuck: (stuck) => this.stuck.push(stuck),
      ...more,
    });
    while (!done() && !stop.aborted) {
      await new Promise((next) => setTimeout(next, 5));
      if (mend()) this.creators.broken.clear();
    }
    finished.abort();
    await running;
    expect(stop.aborted).toBe(false);
  }

  /** Events that the checkpoint has passed. */
  get passed(): number {
    const { saved } = this.checkpoints;
    const checkpoint = saved === undefined ? LOG_START : parsePosition(this.store.logId, saved);
    return this.positions.filter((position) => position <= checkpoint).length;
  }
}

describe('creator settlement', () => {
  test('charges, unlocks and both refunds, in log order; what earns nothing is passed', async () => {
    const lab = new Lab();
    await lab.append(
      charge(GOOD, 'run-1'),
      unlocked(99n, [80n, 19n], [], { creatorId: GOOD }),
      charged([], { runId: RunId.of('own'), creatorId: USER, uncollected: 0n }),
      charged([], { runId: RunId.of('no-creator'), uncollected: 0n }),
      refund(GOOD, 'run-1', 3n),
      refund(undefined, 'no-creator', 0n),
      {
        type: 'FlowUnlockRefunded',
        userId: USER,
        at: NOW + 9,
        flowId: FlowId.of('flow-1'),
        refundId: RefundId.of('refund-flow'),
        reason: 'error',
        amount: 99n,
        creatorId: GOOD,
        chargedAt: NOW,
        restored: [],
        creatorShare: 80n,
        platformShare: 19n,
      },
    );
    await lab.run(() => lab.passed === 7);
    expect(lab.creators.settledOf(GOOD)).toEqual(['+803 run-1', '+80 flow-1', '-3 run-1', '-80 flow-1']);
    expect([...lab.creators.streams.keys()]).toEqual([creatorStream(GOOD)]);
    expect(lab.creators.streams.get(creatorStream(GOOD))).toEqual([
      expect.objectContaining({
        earnedAt: NOW,
        source: expect.objectContaining({ kind: 'prompt' }) as unknown,
      }),
      expect.objectContaining({
        earnedAt: NOW,
        source: expect.objectContaining({ kind: 'flow' }) as unknown,
      }),
      expect.objectContaining({
        earnedAt: NOW,
        source: expect.objectContaining({ kind: 'prompt_refund' }) as unknown,
      }),
      expect.objectContaining({
        earnedAt: NOW,
        source: expect.objectContaining({ kind: 'flow_refund' }) as unknown,
      }),
    ]);
  });

  test('started again from an older checkpoint it settles nothing twice', async () => {
    const lab = new Lab();
    await lab.append(charge(GOOD, 'run-1'), charge(GOOD, 'run-2'));
    await lab.run(() => lab.passed === 2);
    lab.checkpoints.saved = undefined;
    await lab.append(refund(GOOD, 'run-1', 803n));
    await lab.run(() => lab.passed === 3);
    expect(lab.creators.settledOf(GOOD)).toEqual(['+803 run-1', '+803 run-2', '-803 run-1']);
  });
});

describe('a creator whose stream fails', () => {
  test('does not hold up the others, and the checkpoint does not pass what it misses', async () => {
    const lab = new Lab();
    lab.creators.broken.add(creatorStream(BAD));
    await lab.append(charge(GOOD, 'run-1'));
    await lab.run(() => lab.passed === 1);

    await lab.append(charge(BAD, 'run-2'), charge(GOOD, 'run-3'));
    let later = false;
    await lab.run(() => {
      if (lab.creators.settledOf(GOOD).length === 2 && !later) {
        later = true;
        void lab.append(charge(BAD, 'run-4'), refund(BAD, 'run-2', 803n), charge(GOOD, 'run-5'));
      }
      return lab.creators.settledOf(GOOD).length === 3 && lab.stuck.length >= 3;
    });
    expect(lab.creators.settledOf(GOOD)).toEqual(['+803 run-1', '+803 run-3', '+803 run-5']);
    expect(lab.creators.settledOf(BAD)).toEqual([]);
    expect(lab.passed).toBe(1);
    expect(lab.stuck[0]).toMatchObject({ creatorId: BAD, failures: 1, waiting: 1 });
    expect(lab.stuck.at(-1)!.failures).toBeGreaterThan(2);
    expect(new Set(lab.stuck.map(({ creatorId }) => creatorId))).toEqual(new Set([BAD]));

    // Mended while the process manager runs: it catches up in order and the checkpoint follows.
    lab.stuck.length = 0;
    await lab.run(
      () => lab.passed === 6,
      () => lab.stuck.length > 1,
    );
    expect(lab.creators.settledOf(BAD)).toEqual(['+803 run-2', '+803 run-4', '-803 run-2']);
    expect(lab.creators.settledOf(GOOD)).toHaveLength(3);
  });

  test('is not read ahead of for ever: when too much waits, all wait', async () => {
    const lab = new Lab();
    lab.creators.broken.add(creatorStream(BAD));
    await lab.append(charge(BAD, 'run-1'), charge(BAD, 'run-2'));
    let more = false;
    await lab.run(
      () => {
        if (lab.stuck.length > 0 && !more) {
          more = true;
          void lab.append(charge(GOOD, 'run-3'));
        }
        // Stuck several times over, and nobody has read on.
        return lab.stuck.length === 3;
      },
      () => false,
      { waitingMax: 1 },
    );
    expect(lab.creators.settledOf(GOOD)).toEqual([]);
    lab.creators.broken.clear();
    await lab.run(() => lab.passed === 3, undefined, { waitingMax: 1 });
    expect(lab.creators.settledOf(BAD)).toEqual(['+803 run-1', '+803 run-2']);
    expect(lab.creators.settledOf(GOOD)).toEqual(['+803 run-3']);
  });

  test('refused is a failure too: nothing is passed over in silence', async () => {
    const lab = new Lab();
    const { execute } = lab.creators;
    let refusals = 0;
    lab.creators.execute = async (stream, envelope, command) => {
      if (stream !== creatorStream(BAD) || refusals++ > 1) return execute(stream, envelope, command);
      return { kind: 'refused', refusal: { code: 'request.id_reused' } };
    };
    await lab.append(charge(BAD, 'run-1'));
    await lab.run(() => lab.passed === 1);
    expect(String(lab.stuck[0]!.error)).toContain('Settling c-bad was refused: request.id_reused');
    expect(lab.creators.settledOf(BAD)).toEqual(['+803 run-1']);
  });
});
