import { RunId } from '#libs/kernel/ids.js';
import { LongWallets } from '#test/support/application/long-wallets.js';
import { replyText } from '#test/support/application/wallet-process.js';
import { charge, give, NOW, open, tokens } from '#test/support/ledger/wallet-builders.js';

/** Of a stream that is folded anew so many events are read before its snapshot is asked for. */
const FIRST_READ = 5;

describe('a stream without a snapshot, whose first read ends inside a command', () => {
  test('gives the whole of that command as the first result', async () => {
    const wallets = new LongWallets({ everyEvents: FIRST_READ });
    const process = wallets.start();
    await process.done('open', open());
    await process.done('lapsing', give(1n, { expiresAt: NOW + 30 }));
    await process.done('lapsing too', give(1n, { expiresAt: NOW + 30 }));
    wallets.clock.t = NOW + 30;
    const run = charge({ runId: RunId.of('run-1'), model: 'mixtral-8x7b', tokens: tokens(10) });
    const first = await process.done('run', run);
    await process.done('later', give(1n));
    await process.executor.close();
    // Event 4 is the last of the first read; the command's events are 4 to 6.
    expect(first.events.map(({ type }) => type)).toEqual([
      'CreditsExpired',
      'CreditsExpired',
      'PromptCharged',
    ]);

    wallets.snapshots.kept.clear();
    const again = await wallets.start().done('run', run);
    expect(replyText(again)).toBe(replyText({ ...first, replayed: true }));
  });
});
