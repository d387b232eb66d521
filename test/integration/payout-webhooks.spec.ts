import { randomUUID } from 'node:crypto';
import { signedWebhook, type SignOptions } from '#test/support/payouts/fake-stripe.js';
import { openPayoutApi, type PayoutApi } from '#test/support/payouts/payout-api.js';
import { PayoutLab } from '#test/support/payouts/payout-lab.js';

const PATH = '/api/payouts/webhooks/stripe';
const SECRET = 'whsec_new_0123456789';
const OLD_SECRET = 'whsec_old_0123456789';
const NOW_S = (): number => Math.floor(Date.now() / 1_000);

const transfer = (more: object = {}) => ({
  id: 'tr_1',
  object: 'transfer',
  amount: 2_000,
  amount_reversed: 0,
  reversed: false,
  currency: 'usd',
  destination: 'acct_c-1',
  metadata: { promptflow_creator_id: 'c-1', promptflow_payout_id: 'po-1' },
  ...more,
});

describe('webhooks of Stripe', () => {
  let lab: PayoutLab;
  let api: PayoutApi;

  beforeAll(async () => {
    lab = await PayoutLab.open();
    api = await openPayoutApi(lab, { webhookSecrets: [OLD_SECRET, SECRET], livemode: false });
  });
  afterAll(async () => {
    await api.close();
    await lab.close();
    expect(api.faults).toEqual([]);
  });

  const deliver = async (
    body: string | Buffer,
    signature?: string,
    type = 'application/json; charset=utf-8',
  ): Promise<readonly [number, unknown]> => {
    const response = await fetch(`${api.url}${PATH}`, {
      method: 'POST',
      headers: {
        'content-type': type,
        ...(signature === undefined ? {} : { 'stripe-signature': signature }),
      },
      body,
    });
    const answer = (await response.json()) as { readonly code?: string };
    return [response.status, answer.code];
  };
  const send = (object: object, options: Partial<SignOptions> = {}, type = 'transfer.created') => {
    const { body, signature } = signedWebhook(type, object, { secret: SECRET, ...options });
    return deliver(body, signature);
  };
  const kept = async (): Promise<number> => {
    const { rows } = await lab.pool.query('select id from payouts.provider_notices');
    return rows.length;
  };

  test('one that is signed is kept, by each secret while one is replaced', async () => {
    const before = await kept();
    expect(await send(transfer(), { id: 'evt_new' })).toEqual([200, undefined]);
    expect(await send(transfer(), { id: 'evt_old', secret: OLD_SECRET })).toEqual([200, undefined]);
    expect(await kept()).toBe(before + 2);
  });

  test('the same event 100 times at once is kept once', async () => {
    const before = await kept();
    const { body, signature } = signedWebhook('transfer.created', transfer(), { secret: SECRET });
    const answers = await Promise.all(Array.from({ length: 100 }, () => deliver(body, signature)));
    expect(new Set(answers.map(([status]) => status))).toEqual(new Set([200]));
    expect(await kept()).toBe(before + 1);
  });

  const valid = signedWebhook('transfer.created', transfer(), { secret: SECRET });
  test.each<[string, () => Promise<readonly [number, unknown]>]>([
    ['without signature', () => deliver(valid.body)],
    ['with an empty signature', () => deliver(valid.body, '')],
    ['with a byte changed', () => deliver(valid.body.replace('2000', '2001'), valid.signature)],
    ['written anew', () => deliver(JSON.stringify(JSON.parse(valid.body), null, 1), valid.signature)],
    ['by another secret', () => send(transfer(), { secret: 'whsec_of_somebody_else' })],
    ['older than five minutes', () => send(transfer(), { at: NOW_S() - 301 })],
    ['of the future', () => send(transfer(), { at: NOW_S() + 400 })],
    ['without time', () => deliver(valid.body, valid.signature.replace(/^t=\d+,/, ''))],
    ['by a scheme of the past', () => deliver(valid.body, valid.signature.replace('v1=', 'v0='))],
    ['without body', () => deliver('', valid.signature)],
    ['that is not JSON', () => deliver('{', valid.signature)],
  ])('one %s is refused', async (_what, ask) => {
    const before = await kept();
    expect(await ask()).toEqual([401, 'auth.missing']);
    expect(await kept()).toBe(before);
  });

  test('one of live mode at a test key is refused, and so is one that is no JSON type', async () => {
    const before = await kept();
    expect(await send(transfer(), { livemode: true })).toEqual([400, 'request.invalid']);
    expect(await deliver(valid.body, valid.signature, 'text/plain')).toEqual([415, 'request.media_type']);
    expect(await deliver(Buffer.alloc(300 * 1024, 0x20), valid.signature)).toEqual([
      413,
      'request.too_large',
    ]);
    expect(await kept()).toBe(before);
  });

  test('unknown types, transfers of others and payouts of the platform itself are acknowledged and not kept', async () => {
    const before = await kept();
    const payout = { id: 'po_1', object: 'payout', status: 'paid', failure_code: null };
    for (const [type, object, more] of [
      ['customer.created', { id: 'cus_1', object: 'customer' }, {}],
      ['transfer.created', transfer({ metadata: {} }), {}],
      ['payout.paid', payout, {}],
      ['payout.paid', { ...payout, status: 'in_transit' }, { account: 'acct_c-1' }],
    ] as const) {
      expect(await send(object, more, type)).toEqual([200, undefined]);
    }
    expect(await kept()).toBe(before);
  });

  test.each([
    ['transfer.updated', transfer(), {}, { kind: 'transfer', status: 'sent', amountCents: '2000' }],
    ['transfer.reversed', transfer({ amount_reversed: 1 }), {}, { status: 'partly_reversed' }],
    ['transfer.reversed', transfer({ amount_reversed: 2_000, reversed: true }), {}, { status: 'reversed' }],
    [
      'payout.failed',
      { id: 'po_9', object: 'payout', status: 'failed', failure_code: 'account_closed' },
      { account: 'acct_c-1' },
      { kind: 'account_payout', account: 'acct_c-1', payout: 'po_9', code: 'account_closed' },
    ],
  ])('%s is kept as what it means', async (type, object, more, notice) => {
    const id = randomUUID();
    expect(await send(object, { ...more, id }, type)).toEqual([200, undefined]);
    const { rows } = await lab.pool.query<{ notice: object }>(
      'select notice from payouts.provider_notices where id = $1',
      [id],
    );
    expect(rows[0]!.notice).toMatchObject(notice);
  });

  test('without a secret nothing is believed', async () => {
    const closed = await openPayoutApi(lab);
    const { body, signature } = signedWebhook('transfer.created', transfer(), { secret: SECRET });
    const response = await fetch(`${closed.url}${PATH}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'stripe-signature': signature },
      body,
    });
    expect(response.status).toBe(401);
    await closed.close();
  });
});
