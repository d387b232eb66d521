import { PaymentId, PromptId, UserId } from '#libs/kernel/ids.js';
import type { WalletCommand } from '#libs/ledger/wallet/commands.js';
import { WalletProcess } from '#test/support/application/wallet-process.js';
import { buy, open } from '#test/support/ledger/wallet-builders.js';
import { ProjectionLab } from '#test/support/projection-lab.js';

/** The largest amount that a request may name. */
const LARGEST = 10n ** 18n - 1n;
const INT8_MAX = 2n ** 63n - 1n;
const TIMES = 10;

let lab: ProjectionLab;

beforeEach(async () => {
  lab = await ProjectionLab.open();
});
afterEach(() => lab.close());

/** Sends commands of one wallet in order, and has every projection show what they did. */
async function shown(userId: string, commands: readonly WalletCommand[]): Promise<void> {
  const ledger = new WalletProcess(lab.store);
  const own = [open('ENTERPRISE'), ...commands].map((command) => ({ ...command, userId: UserId.of(userId) }));
  await Promise.all(own.map((command, i) => ledger.done(`k${i}`, command)));
  lab.run({ windowEventsMax: 2_000 });
  await lab.caughtUp();
}

async function only(sql: string): Promise<Readonly<Record<string, string>>> {
  const { rows } = await lab.owner.query<Record<string, string>>(sql);
  expect(rows).toHaveLength(1);
  return rows[0]!;
}

const { userId: _, ...purchase } = buy(LARGEST);
const payment = (i: number) => PaymentId.of(`pay-${i}`);

test('a closed wallet that is paid back more than a bigint column holds stops no projection', async () => {
  await shown('u-1', [
    ...Array.from({ length: TIMES }, (_, i) => buy(LARGEST, { ...purchase, paymentId: payment(i) })),
    { type: 'CloseWallet', userId: UserId.of('u-1'), remainder: 'pay_back' },
  ]);
  expect(BigInt(TIMES) * LARGEST).toBeGreaterThan(INT8_MAX);
  expect(
    await only(`select sum(amount_exact)::text as sum from read.transactions where type = 'revocation'`),
  ).toEqual({
    sum: (-BigInt(TIMES) * LARGEST).toString(),
  });
}, 60_000);

test('nor does a purchase that is disputed and won back again and again', async () => {
  const reference = { userId: UserId.of('u-1'), paymentId: payment(0) };
  await shown('u-1', [
    buy(LARGEST, { paymentId: payment(0) }),
    ...Array.from({ length: TIMES }, (): readonly WalletCommand[] => [
      { type: 'RevokeCredits', reason: 'chargeback', ...reference },
      { type: 'ReinstateCredits', ...reference },
    ]).flat(),
  ]);
  expect(await only('select remaining::text, drawn::text from read.lots')).toEqual({
    remaining: LARGEST.toString(),
    drawn: '0',
  });
}, 60_000);

test('nor do prompts of more bytes than a bigint column holds', async () => {
  const sizeBytes = 10 ** 15;
  const count = 9_300;
  await shown(
    'u-1',
    Array.from({ length: count }, (_, i) => ({
      type: 'CreatePrompt',
      userId: UserId.of('u-1'),
      promptId: PromptId.of(`prompt-${i}`),
      visibility: 'public',
      sizeBytes,
    })),
  );
  expect(BigInt(count) * BigInt(sizeBytes)).toBeGreaterThan(INT8_MAX);
  expect(await only('select storage_bytes::text from read.wallets')).toEqual({
    storage_bytes: (BigInt(count) * BigInt(sizeBytes)).toString(),
  });
}, 60_000);
