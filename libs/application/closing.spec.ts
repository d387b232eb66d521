import { MemoryEventStore } from '#libs/event-store/memory-store.js';
import { WalletProcess } from '#test/support/application/wallet-process.js';
import { give, open, USER } from '#test/support/ledger/wallet-builders.js';

test('a wallet of more lots than one append holds is closed, and a repeat gives the first result', async () => {
  const process = new WalletProcess(new MemoryEventStore());
  await process.done('open', open());
  await Promise.all(Array.from({ length: 1_200 }, (_, i) => process.done(`lot-${i}`, give(1n))));
  const close = { type: 'CloseWallet', userId: USER, remainder: 'expire' } as const;
  const first = await process.done('close', close);
  expect(first.balanceAfter).toMatchObject({ available: 0n, held: 0n });
  expect(first.events.at(-1)).toMatchObject({ type: 'WalletClosed' });
  const repeat = await process.done('close', close);
  expect(repeat).toMatchObject({ replayed: true, position: first.position });
  expect(await process.send('again', close)).toMatchObject({ refusal: { code: 'wallet.closed' } });
});
