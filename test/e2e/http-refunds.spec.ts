import { beforeAll, describe, expect, test } from '@jest/globals';
import type { HttpClient } from './http-client.js';
import { BALANCE, hold, IDS, openWallet, POSITION, run } from './scene.js';
import { done, refused, useLedger } from './support.js';

const REFUNDS = '/api/credits/refunds';
const MONTHLY = { lotId: expect.stringMatching(/^monthly-/), kind: 'monthly', origin: 'monthly' };

const ledger = useLedger();
let http: HttpClient;
beforeAll(() => {
  http = ledger.http;
});

test('a run is refunded in parts, each spread over what it was charged for', async () => {
  const userId = await openWallet(http, 'refund');
  await done(http, '/api/credits/charge-prompt', run(userId, 'r-1', { creatorId: 'c-1', creatorFee: 1_000 }));
  const half = { userId, runId: 'r-1', refundId: 'f-1', amount: '30500', reason: 'quality' };
  const refunded = await done(http, REFUNDS, half);
  expect(refunded.json).toEqual({
    eventIds: IDS,
    position: POSITION,
    replayed: false,
    balanceAfter: { ...BALANCE, available: '14969500', monthly: '14969500' },
    refundId: 'f-1',
    runId: 'r-1',
    reason: 'quality',
    amount: '30500',
    parts: {
      inferenceCost: '30000',
      platformMarkup: '0',
      byokFee: '0',
      platformShare: '100',
      creatorShare: '400',
    },
    restored: [{ ...MONTHLY, amount: '30500', into: 'lot' }],
    uncollected: '0',
    allowance: '0',
  });
  expect(
    await refused(http, REFUNDS, { ...half, refundId: 'f-2', amount: '30501' }, [
      409,
      'refund.exceeds_charge',
    ]),
  ).toMatchObject({ remaining: '30500' });
  await refused(http, REFUNDS, { ...half, amount: '1' }, [409, 'refund.id_used']);
  const { amount: _amount, ...all } = half;
  const rest = await done(http, REFUNDS, { ...all, refundId: 'f-2' });
  expect(rest.json).toMatchObject({ amount: '30500', balanceAfter: { available: '15000000' } });
  expect(
    await refused(http, REFUNDS, { ...all, refundId: 'f-3' }, [409, 'refund.exceeds_charge']),
  ).toMatchObject({ remaining: '0' });
  // A refunded run stays used.
  await refused(http, '/api/credits/charge-prompt', run(userId, 'r-1'), [409, 'run.already_charged']);
});

test('an unlocked flow is refunded and stays used', async () => {
  const userId = await openWallet(http, 'flow');
  const unlock = { userId, flowId: 'f-1', creatorId: 'c-1', price: '99' };
  await done(http, '/api/flows/unlock', unlock);
  const refund = { userId, flowId: 'f-1', refundId: 'rf-1', reason: 'error' };
  const refunded = await done(http, '/api/flows/refunds', refund);
  expect(refunded.json).toEqual({
    eventIds: IDS,
    position: POSITION,
    replayed: false,
    balanceAfter: { ...BALANCE, available: '15000000', monthly: '15000000' },
    refundId: 'rf-1',
    flowId: 'f-1',
    reason: 'error',
    amount: '99',
    creatorShare: '80',
    platformShare: '19',
    restored: [{ ...MONTHLY, amount: '99', into: 'lot' }],
  });
  await refused(http, '/api/flows/unlock', unlock, [409, 'flow.already_unlocked']);
});

describe('a payment that was charged back', () => {
  const buy = async (name: string, amount: string): Promise<{ userId: string; reference: string }> => {
    const userId = await openWallet(http, name, 'FREE');
    const reference = `pay-${userId}`;
    await done(http, '/api/credits/add', { userId, amount, kind: 'purchased', reference });
    return { userId, reference };
  };
  const lot = { id: expect.stringMatching(/^lot-/), kind: 'purchased', origin: 'purchased' };

  test('takes what is left, records what was spent, and comes back when the dispute is won', async () => {
    const { userId, reference } = await buy('chargeback', '5000');
    await done(http, '/api/flows/unlock', { userId, flowId: 'f-1', creatorId: 'c-1', price: '101000' });
    const revoked = await done(http, '/api/credits/revoke', { userId, reference, reason: 'chargeback' });
    expect(revoked.json).toEqual({
      eventIds: IDS,
      position: POSITION,
      replayed: false,
      balanceAfter: { ...BALANCE, available: '0', monthly: '0' },
      reason: 'chargeback',
      reference,
      revoked: '4000',
      uncollected: '1000',
      lots: [{ ...lot, amount: '4000', spent: '1000', expired: '0' }],
      releasedHolds: [],
    });
    const again = await refused(http, '/api/credits/revoke', { userId, reference, reason: 'fraud' }, [
      400,
      'request.invalid',
    ]);
    expect(again['errors']).toMatchObject([{ field: 'reference' }]);
    const back = await done(http, '/api/credits/reinstate', { userId, reference });
    expect(back.json).toEqual({
      eventIds: IDS,
      position: POSITION,
      replayed: false,
      balanceAfter: { ...BALANCE, available: '4000', monthly: '0', purchased: '4000' },
      reference,
      reinstated: '4000',
      lots: [{ ...lot, amount: '4000', spent: '1000', expired: '0' }],
    });
  });

  test('releases the holds that had reserved it', async () => {
    const { userId, reference } = await buy('chargeback-hold', '500000');
    const model = 'deepseek';
    for (const id of ['h-1', 'h-2']) {
      await done(http, '/api/credits/holds', hold(userId, id, id, { model, amount: '150000' }));
    }
    const revoked = await done(http, '/api/credits/revoke', { userId, reference, reason: 'provider_refund' });
    expect(revoked.json).toMatchObject({
      revoked: '500000',
      releasedHolds: ['h-2', 'h-1'],
      balanceAfter: { available: '100000', held: '0', purchased: '0' },
    });
  });

  test('a correction takes adjustments back, at most what is available of them', async () => {
    const { userId } = await buy('correction', '5000');
    const correct = (amount: string) => ({ userId, amount, reason: 'correction' });
    await done(http, '/api/credits/add', { userId, amount: '700', kind: 'adjustment', reason: 'correction' });
    const corrected = await done(http, '/api/credits/revoke', correct('300'));
    expect(corrected.json).toMatchObject({ reason: 'correction', revoked: '300', uncollected: '0' });
    expect(corrected.json).not.toHaveProperty('reference');
    expect(
      await refused(http, '/api/credits/revoke', correct('401'), [402, 'wallet.insufficient_credits']),
    ).toMatchObject({ needed: '401', available: '400' });
  });
});
