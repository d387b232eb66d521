import { describe, expect, test } from '@jest/globals';
import { PROBLEMS, type ProblemCode, RETRY_AFTER_SECONDS } from './codes.js';
import { problemOf, problemOfRefusal } from './problem.js';

/** As the domain rules list them, section 4, in their order. */
const CODES = `
  request.invalid request.id_reused request.too_large wallet.not_found wallet.already_open wallet.frozen wallet.closed
  wallet.insufficient_credits plan.model_not_included plan.byok_not_included plan.test_runs_exhausted
  plan.private_prompts_exhausted plan.storage_exhausted model.unpriced quote.expired run.already_charged run.not_found
  hold.not_found hold.closed hold.expired refund.exceeds_charge flow.already_unlocked flow.own_flow prompt.not_found
  payment.already_credited creator.not_found payout.below_minimum payout.nothing_payable payout.no_destination
  auth.missing auth.forbidden rate.limited service.catching_up service.overloaded read.not_caught_up outcome.unknown
  request.media_type route.not_found hold.id_used refund.id_used flow.not_unlocked prompt.already_exists
  wallet.open_holds plan.not_paid plan.change_not_scheduled payout.not_found key.not_found ratecard.not_found
  approval.not_found
`
  .trim()
  .split(/\s+/);

/** Codes of this interface beside them: an item of an atomic bulk, a fault of ours, which is no refusal, and rows. */
const ROW_CODES = ['campaign.not_found', 'delivery.not_found', 'notification.not_found', 'webhook.not_found'];
const OWN_CODES = ['bulk.not_applied', 'internal.error', ...ROW_CODES];

/** "Status by refusal" of domain rules, section 6, as it is written there; the last rule is for all others. */
function statusByRule(code: string): number {
  const [area, what] = code.split('.');
  if (code === 'request.invalid') return 400;
  if (code === 'auth.missing') return 401;
  if (code === 'auth.forbidden') return 403;
  if (what === 'not_found') return 404;
  if (code === 'wallet.insufficient_credits') return 402;
  if (code === 'request.too_large') return 413;
  if (code === 'request.media_type') return 415;
  if (code === 'request.id_reused' || code === 'model.unpriced') return 422;
  if (code === 'rate.limited') return 429;
  if (area === 'service' || area === 'read' || code === 'outcome.unknown') return 503;
  return 409;
}

describe('status by refusal', () => {
  test.each([...CODES, ...ROW_CODES])('%s', (code) => {
    expect(PROBLEMS[code as ProblemCode].status).toBe(statusByRule(code));
  });

  test('every code of the rules is there, and no other but those of the edge', () => {
    expect(Object.keys(PROBLEMS).sort()).toEqual([...CODES, ...OWN_CODES].sort());
  });

  test('of a charge left out of its atomic bulk: 409', () => {
    expect(PROBLEMS['bulk.not_applied'].status).toBe(409);
  });

  test('503 says when to come back', () => {
    const passing = CODES.filter((code) => statusByRule(code) === 503);
    expect(Object.keys(RETRY_AFTER_SECONDS)).toEqual(expect.arrayContaining(passing));
  });
});

describe('a problem document', () => {
  test('carries code, status, title and detail', () => {
    expect(problemOf('wallet.frozen')).toEqual({
      type: 'urn:promptflow-ledger:problem:wallet.frozen',
      title: 'The wallet is frozen',
      status: 409,
      code: 'wallet.frozen',
      detail: 'The wallet is frozen.',
    });
  });

  test('wallet.insufficient_credits says needed and available, as strings', () => {
    expect(
      problemOfRefusal({ code: 'wallet.insufficient_credits', needed: 33_000n, available: 7n }),
    ).toMatchObject({ status: 402, needed: '33000', available: '7' });
  });

  test('request.invalid names field and message', () => {
    const errors = [{ field: 'plan', message: 'is PRO already' }];
    expect(problemOfRefusal({ code: 'request.invalid', errors })).toMatchObject({ status: 400, errors });
  });
});
