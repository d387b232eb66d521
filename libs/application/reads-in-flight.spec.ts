import { MemoryEventStore } from '#libs/event-store/memory-store.js';
import type { ReadStreamOptions, RecordedEvent } from '#libs/event-store/port.js';
import { RunId } from '#libs/kernel/ids.js';
import { codeOf, WalletProcess } from '#test/support/application/wallet-process.js';
import { WatchedStore } from '#test/support/application/watched-store.js';
import { buy, charge, give, open, tokens } from '#test/support/ledger/wallet-builders.js';

/** Reads whose rows are on their way back: the snapshot was taken, the reader has not seen it yet. */
class SlowReads extends WatchedStore {
  private held: Promise<void> | undefined;
  private taken: (() => void) | undefined;

  /** Holds back what the next reads have found; resolves once a read has taken its snapshot. */
  hold(): { readonly snapshot: Promise<void>; readonly release: () => void } {
    let release!: () => void;
    this.held = new Promise((done) => (release = done));
    const snapshot = new Promise<void>((done) => (this.taken = done));
    return { snapshot, release };
  }

  override async *readStream(
    stream: string,
    options?: ReadStreamOptions,
  ): AsyncGenerator<readonly RecordedEvent[]> {
    const pages: (readonly RecordedEvent[])[] = [];
    for await (const page of super.readStream(stream, options)) pages.push(page);
    this.taken?.();
    await this.held;
    yield* pages;
  }
}

const dear = (runId: string) => charge({ runId: RunId.of(runId), tokens: tokens(10_000) });

describe('a command that comes while its stream is being read', () => {
  test('is not refused from a cold fold that is older than it', async () => {
    const log = new MemoryEventStore();
    const other = new WalletProcess(new WatchedStore(log));
    await other.send('open', open());
    const slow = new SlowReads(log);
    const reading = slow.hold();
    const process = new WalletProcess(slow);
    const before = process.send('k1', dear('r1'));
    await reading.snapshot;
    expect(codeOf(await other.send('k2', buy(1_000_000n)))).toBe('done');
    const after = process.send('k3', dear('r2'));
    reading.release();
    expect(codeOf(await before)).toBe('wallet.insufficient_credits');
    expect(codeOf(await after)).toBe('done');
  });

  test('is not refused from a tail read that is older than it', async () => {
    const log = new MemoryEventStore();
    const other = new WalletProcess(new WatchedStore(log));
    await other.send('open', open());
    const slow = new SlowReads(log);
    const process = new WalletProcess(slow);
    expect(codeOf(await process.send('k0', dear('r0')))).toBe('wallet.insufficient_credits');
    await other.send('kx', give(1n));
    const reading = slow.hold();
    const before = process.send('k1', dear('r1'));
    await reading.snapshot;
    expect(codeOf(await other.send('k2', buy(1_000_000n)))).toBe('done');
    const after = process.send('k3', dear('r2'));
    reading.release();
    expect(codeOf(await before)).toBe('wallet.insufficient_credits');
    expect(codeOf(await after)).toBe('done');
  });
});
