import type { ProviderNotice } from '#libs/payouts/provider.js';
import { FakeStripe, type MadeTransfer, type StripeFault } from '#test/support/payouts/fake-stripe.js';
import { PayoutLab } from '#test/support/payouts/payout-lab.js';

const STRIPE_ENV = (stripe: FakeStripe) => ({
  PAYOUT_PROVIDER: 'stripe',
  STRIPE_SECRET_KEY: 'sk_test_0123456789',
  STRIPE_API_URL: stripe.url,
});

describe('payouts by Stripe', () => {
  let lab: PayoutLab;
  let stripe: FakeStripe;
  let ids = 0;

  beforeAll(async () => {
    lab = await PayoutLab.open();
    stripe = await FakeStripe.start();
  });
  afterAll(async () => {
    await lab.close();
    await stripe.stop();
  });

  afterEach(() => lab.idle());

  const creator = (): string => `c-${++ids}`;
  const work = (hooks = {}): (() => Promise<void>) => lab.work(STRIPE_ENV(stripe), hooks);

  test('a payout is sent once, and the log says so', async () => {
    const id = creator();
    const stop = work();
    await lab.requested(id, 'po-1', 2_345n);
    const transfer = await lab.comesTo(id, 'po-1', { state: 'sent', ledgerState: 'sent' });
    await stop();
    expect(await lab.types(id, 'po-1')).toEqual(['PayoutRequested', 'PayoutSent']);
    expect(stripe.paidTo(`acct_${id}`)).toBe(2_345);
    const [made] = stripe.made.filter(({ destination }) => destination === `acct_${id}`);
    expect(made).toMatchObject({
      id: transfer.reference,
      currency: 'usd',
      metadata: { promptflow_creator_id: id, promptflow_payout_id: 'po-1' },
    });
    expect((await lab.events(id, 'po-1')).at(-1)).toMatchObject({ reference: made!.id });
  });

  test.each<[StripeFault, number]>([
    ['accepted_silence', 1],
    ['accepted_drop', 1],
    ['drop', 2],
    ['conflict_409', 2],
    ['rate_limit_429', 2],
    ['restricted_key', 2],
  ])('after %s it is looked up, asked %i times, and sent once', async (fault, asked) => {
    const id = creator();
    stripe.failNext(`acct_${id}`, fault);
    const stop = work();
    await lab.requested(id, 'po-1');
    const transfer = await lab.comesTo(id, 'po-1', { state: 'sent', ledgerState: 'sent' });
    await stop();
    expect(stripe.paidTo(`acct_${id}`)).toBe(2_000);
    expect(stripe.askedFor(`acct_${id}`)).toBe(asked);
    expect(transfer.reference).toBe(stripe.made.at(-1)!.id);
    expect(await lab.types(id, 'po-1')).toEqual(['PayoutRequested', 'PayoutSent']);
  });

  test('a kept 500 is asked again with growing pauses and the error is shown; nothing is sent twice', async () => {
    const id = creator();
    stripe.failNext(`acct_${id}`, 'error_500');
    const stop = work();
    await lab.requested(id, 'po-1');
    // Stripe answers the same key with the same error for a day: the transfer waits and says why.
    await lab.becomes(id, 'po-1', ({ tries }) => tries >= 3);
    await stop();
    expect(stripe.askedFor(`acct_${id}`)).toBeGreaterThanOrEqual(3);
    expect(await lab.transfer(id, 'po-1')).toMatchObject({
      state: 'attempted',
      lastError: 'Something went wrong on our end',
    });
    await lab.leaveAlone(id, 'po-1');
    expect(stripe.paidTo(`acct_${id}`)).toBe(0);
  });

  test.each<[StripeFault, string, string]>([
    ['balance_insufficient', 'insufficient_balance', 'other'],
    ['no_such_destination', 'account_invalid', 'account_invalid'],
  ])('%s fails the payout: its amount is payable again', async (fault, code, reason) => {
    const id = creator();
    stripe.failNext(`acct_${id}`, fault);
    const stop = work();
    await lab.requested(id, 'po-1');
    const transfer = await lab.comesTo(id, 'po-1', { state: 'failed', ledgerState: 'failed' });
    expect(transfer.failure).toEqual({ code, reason });
    expect((await lab.events(id, 'po-1')).at(-1)).toMatchObject({ type: 'PayoutFailed', reason });
    await lab.request(id, 'po-2');
    await lab.comesTo(id, 'po-2', { state: 'sent', ledgerState: 'sent' });
    await stop();
    expect(stripe.paidTo(`acct_${id}`)).toBe(2_000);
  });

  test('what finance has failed before the worker came is not sent', async () => {
    const id = creator();
    await lab.requested(id, 'po-1');
    await lab.fail(id, 'po-1');
    const stop = work();
    await lab.comesTo(id, 'po-1', { state: 'withdrawn', ledgerState: 'failed' });
    await stop();
    expect(stripe.askedFor(`acct_${id}`)).toBe(0);
  });

  test('what finance has failed in the last moment, known to the log alone, is not sent', async () => {
    const id = creator();
    await lab.requested(id, 'po-1');
    await lab.pool.query(
      `insert into payouts.transfers (creator_id, payout_id, amount_cents, currency, provider, destination, requested_at, due_at)
       values ($1, 'po-1', 2000, 'usd', 'stripe', $2, now(), now())`,
      [id, `acct_${id}`],
    );
    await lab.fail(id, 'po-1');
    const stop = work();
    await lab.comesTo(id, 'po-1', { state: 'withdrawn', ledgerState: 'failed' });
    await stop();
    expect(stripe.askedFor(`acct_${id}`)).toBe(0);
  });

  test('what finance has failed while it was sent is shown as a conflict, and a reversal ends it', async () => {
    const id = creator();
    const stop = work({
      at: async (point: string) => {
        if (point === 'before_send') await lab.fail(id, 'po-1');
      },
    });
    await lab.requested(id, 'po-1');
    const shown = await lab.becomes(id, 'po-1', ({ conflict }) => conflict?.code === 'sent_but_failed');
    expect(shown).toMatchObject({ state: 'sent', ledgerState: 'failed', failedFrom: 'requested' });
    expect(stripe.paidTo(`acct_${id}`)).toBe(2_000);
    expect(await lab.transfers.list({ state: 'conflict', limit: 10 })).toHaveLength(1);
    await lab.told('transfer.reversed', noticeOf(stripe.reverse(shown.reference!), 'reversed'));
    const ended = await lab.comesTo(id, 'po-1', { state: 'failed', ledgerState: 'failed' });
    await stop();
    expect(ended.conflict).toBeUndefined();
    expect(stripe.paidTo(`acct_${id}`)).toBe(0);
    expect(await lab.types(id, 'po-1')).toEqual(['PayoutRequested', 'PayoutFailed']);
  });

  test('what was marked sent by hand meanwhile is a conflict too: it may have been paid twice', async () => {
    const id = creator();
    const stop = work({
      at: async (point: string) => {
        if (point === 'before_send') await lab.markSent(id, 'po-1', 'by-hand');
      },
    });
    await lab.requested(id, 'po-1');
    const shown = await lab.becomes(id, 'po-1', ({ conflict }) => conflict !== undefined);
    await stop();
    expect(shown.conflict).toEqual({
      code: 'ledger_disagrees',
      detail: 'payoutId names a payout that is sent, not requested',
    });
  });

  test('an account of another provider waits and says why', async () => {
    const id = creator();
    const stop = work();
    await lab.requested(id, 'po-1', 2_000n, 'bank');
    const transfer = await lab.becomes(id, 'po-1', ({ lastError }) => lastError !== undefined);
    await stop();
    expect(transfer).toMatchObject({
      state: 'waiting',
      lastError: 'PAYOUT_PROVIDER is stripe, which does not pay to accounts of "bank"',
    });
  });

  test('a transfer that is there already under our key with another amount is not taken for ours', async () => {
    const id = creator();
    stripe.failNext(`acct_${id}`, 'accepted_drop');
    const stop = work({
      at: async (point: string) => {
        if (point === 'after_send') Object.assign(stripe.made.at(-1)!, { amount: 1 });
      },
    });
    await lab.requested(id, 'po-1');
    const transfer = await lab.becomes(id, 'po-1', ({ conflict }) => conflict !== undefined);
    await stop();
    expect(transfer.conflict?.code).toBe('provider_differs');
    expect(transfer.conflict?.detail).toMatch(/amount 1, not 2000 cents/);
    expect(await lab.types(id, 'po-1')).toEqual(['PayoutRequested']);
  });

  test('three workers at once send forty payouts once each', async () => {
    const stops = [work(), work(), work()];
    const all = Array.from({ length: 40 }, creator);
    stripe.failNext('*', 'accepted_drop', 'drop', 'accepted_silence', 'rate_limit_429', 'accepted_drop');
    await Promise.all(all.map((id) => lab.requested(id, 'po-1', 1_500n)));
    await Promise.all(all.map((id) => lab.comesTo(id, 'po-1', { state: 'sent', ledgerState: 'sent' })));
    for (const stop of stops) await stop();
    expect(all.map((id) => stripe.made.filter((each) => each.destination === `acct_${id}`).length)).toEqual(
      all.map(() => 1),
    );
    for (const id of all) expect(await lab.types(id, 'po-1')).toEqual(['PayoutRequested', 'PayoutSent']);
  });

  describe('what Stripe tells by webhook', () => {
    const sent = async (id: string): Promise<MadeTransfer> => {
      await lab.requested(id, 'po-1');
      await lab.comesTo(id, 'po-1', { state: 'sent', ledgerState: 'sent' });
      return stripe.made.find(({ destination }) => destination === `acct_${id}`)!;
    };

    test('a transfer that was made ends the doubt before anybody has looked', async () => {
      const id = creator();
      stripe.failNext(`acct_${id}`, 'accepted_drop');
      work({ pauses: { firstMs: 60_000, maxMs: 60_000 } });
      await lab.requested(id, 'po-1');
      await lab.becomes(id, 'po-1', ({ tries }) => tries === 1);
      const looked = stripe.lists;
      await lab.told('transfer.created', noticeOf(stripe.made.at(-1)!, 'sent'));
      await lab.comesTo(id, 'po-1', { state: 'sent', ledgerState: 'sent' });
      expect(stripe.lists).toBe(looked);
    });

    test('the payout of the account settles the transfers in it, once its parts are known', async () => {
      const [one, other] = [creator(), creator()];
      work();
      const made = await sent(one);
      await sent(other);
      const account = `acct_${one}`;
      const payout = { account, status: 'paid', transfers: ['tr_of_somebody_else', made.id] };
      stripe.payouts.set('po_1', { ...payout, reconciliation: 'in_progress' });
      await lab.told('payout.paid', { kind: 'account_payout', account, payout: 'po_1', status: 'paid' });
      await lab.noticeTried();
      expect(await lab.transfer(one, 'po-1')).toMatchObject({ state: 'sent' });
      stripe.payouts.set('po_1', { ...payout, reconciliation: 'completed' });
      await lab.told('payout.reconciliation_completed', {
        kind: 'account_payout',
        account,
        payout: 'po_1',
        status: 'paid',
      });
      await lab.comesTo(one, 'po-1', { state: 'settled', ledgerState: 'settled' });
      expect(await lab.types(one, 'po-1')).toEqual(['PayoutRequested', 'PayoutSent', 'PayoutSettled']);
      expect(await lab.types(other, 'po-1')).toEqual(['PayoutRequested', 'PayoutSent']);
    });

    test('a transfer that was reversed fails the payout, also a settled one', async () => {
      const id = creator();
      work();
      const made = await sent(id);
      const account = `acct_${id}`;
      stripe.payouts.set('po_2', {
        account,
        status: 'paid',
        reconciliation: 'completed',
        transfers: [made.id],
      });
      await lab.told('payout.paid', { kind: 'account_payout', account, payout: 'po_2', status: 'paid' });
      await lab.comesTo(id, 'po-1', { state: 'settled', ledgerState: 'settled' });
      await lab.told('transfer.reversed', noticeOf(stripe.reverse(made.id), 'reversed'));
      await lab.comesTo(id, 'po-1', { state: 'failed', ledgerState: 'failed' });
      expect((await lab.events(id, 'po-1')).at(-1)).toMatchObject({
        failedFrom: 'settled',
        reason: 'returned',
      });
    });

    test.each([
      ['amount', { amountCents: 1n }, /amount 1, not 2000 cents/],
      ['currency', { currency: 'eur' }, /currency eur, not usd/],
      ['destination', { destination: 'acct_thief' }, /destination acct_thief/],
    ])('another %s than ours is flagged and changes nothing', async (_what, wrong, detail) => {
      const id = creator();
      work();
      const made = await sent(id);
      await lab.told('transfer.reversed', {
        ...noticeOf(stripe.reverse(made.id), 'reversed'),
        ...wrong,
      });
      const flagged = await lab.becomes(id, 'po-1', ({ conflict }) => conflict !== undefined);
      expect(flagged).toMatchObject({ state: 'sent', conflict: { code: 'provider_differs' } });
      expect(flagged.conflict!.detail).toMatch(detail);
      expect(await lab.types(id, 'po-1')).toEqual(['PayoutRequested', 'PayoutSent']);
    });

    test('a part that was reversed is flagged', async () => {
      const id = creator();
      work();
      const made = await sent(id);
      await lab.told('transfer.reversed', noticeOf(stripe.reverse(made.id, 500), 'partly_reversed'));
      const flagged = await lab.becomes(id, 'po-1', ({ conflict }) => conflict !== undefined);
      expect(flagged).toMatchObject({ state: 'sent', conflict: { code: 'partly_reversed' } });
    });

    test('a payout of the account that failed leaves the money with the creator', async () => {
      const id = creator();
      work();
      await sent(id);
      await lab.told('payout.failed', {
        kind: 'account_payout',
        account: `acct_${id}`,
        payout: 'po_3',
        status: 'failed',
        code: 'account_closed',
      });
      await lab.noticeTried();
      expect(await lab.transfer(id, 'po-1')).toMatchObject({ state: 'sent', ledgerState: 'sent' });
    });
  });
});

const noticeOf = (
  { id, amount, currency, destination, metadata }: MadeTransfer,
  status: 'sent' | 'reversed' | 'partly_reversed',
): ProviderNotice => ({
  kind: 'transfer',
  creatorId: metadata['promptflow_creator_id']!,
  payoutId: metadata['promptflow_payout_id']!,
  status,
  reference: id,
  amountCents: BigInt(amount),
  currency,
  destination,
});
