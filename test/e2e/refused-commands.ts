import { randomUUID } from 'node:crypto';
import type { BadRequest } from './bad-request.js';
import {
  CHARGE,
  CHARGES,
  EXPIRED_QUOTE,
  FLOW_REFUND,
  GB,
  HOLD,
  HOLDS,
  PAYMENT,
  PROMPT,
  PURCHASE,
  REFUND,
  UNLOCK,
} from './bad-scene.js';
import { onNotifications } from './refused-notifications.js';

type Answer = readonly [status: number, code: string];

const refused = (
  name: string,
  path: string,
  body: unknown,
  [status, code]: Answer,
  { key = randomUUID(), method = 'POST' }: { key?: string; method?: BadRequest['method'] } = {},
): BadRequest => ({ name, path, method, question: { body, key }, status, code });

const NOBODY = { userId: 'nobody' };
const NOT_FOUND: Answer = [404, 'wallet.not_found'];
const CLOSED: Answer = [409, 'wallet.closed'];
const FROZEN: Answer = [409, 'wallet.frozen'];
const POOR: Answer = [402, 'wallet.insufficient_credits'];
const UNPRICED: Answer = [422, 'model.unpriced'];

const onWallets: readonly BadRequest[] = [
  refused('wallet open already', '/api/wallets', { userId: 'u-1' }, [409, 'wallet.already_open']),
  refused('closed wallet opened again', '/api/wallets', { userId: 'u-closed' }, [409, 'wallet.already_open']),
  refused('freeze of nobody', '/api/wallets/nobody/freeze', { reason: 'other' }, NOT_FOUND),
  refused('freeze again', '/api/wallets/u-frozen/freeze', { reason: 'other' }, FROZEN),
  refused('freeze a closed one', '/api/wallets/u-closed/freeze', { reason: 'other' }, CLOSED),
  refused('unfreeze nobody', '/api/wallets/nobody/unfreeze', {}, NOT_FOUND),
  refused('unfreeze a closed one', '/api/wallets/u-closed/unfreeze', {}, CLOSED),
  refused('close nobody', '/api/wallets/nobody/close', { remainder: 'expire' }, NOT_FOUND),
  refused('close again', '/api/wallets/u-closed/close', { remainder: 'expire' }, CLOSED),
  refused('close under holds', '/api/wallets/u-1/close', { remainder: 'expire' }, [409, 'wallet.open_holds']),
  refused('thresholds of nobody', '/api/wallets/nobody/thresholds', { thresholds: [] }, NOT_FOUND),
  refused('thresholds of a closed one', '/api/wallets/u-closed/thresholds', { thresholds: [] }, CLOSED),
];

const onCredits: readonly BadRequest[] = [
  refused('add to no wallet', '/api/credits/add', { ...PURCHASE, ...NOBODY, reference: 'p-9' }, NOT_FOUND),
  refused(
    'add to a closed one',
    '/api/credits/add',
    { ...PURCHASE, userId: 'u-closed', reference: 'p-9' },
    CLOSED,
  ),
  ...(['/api/credits/add', '/api/plans/subscription-payments'] as const).flatMap((path) => {
    const [own, other] = path.endsWith('add') ? [PURCHASE, PAYMENT] : [PAYMENT, PURCHASE];
    const taken: Answer = [409, 'payment.already_credited'];
    return [
      refused('payment used', path, own, taken),
      refused('payment of another user', path, { ...own, userId: 'u-2' }, taken),
      refused('payment used for something else', path, { ...own, reference: other.reference }, taken),
    ];
  }),
  refused(
    'revoke of nobody',
    '/api/credits/revoke',
    { ...NOBODY, reason: 'fraud', reference: 'p' },
    NOT_FOUND,
  ),
  refused(
    'correct more than was adjusted',
    '/api/credits/revoke',
    { userId: 'u-1', reason: 'correction', amount: '1' },
    POOR,
  ),
  refused(
    'correct a closed one',
    '/api/credits/revoke',
    { userId: 'u-closed', reason: 'correction', amount: '1' },
    CLOSED,
  ),
  refused('reinstate for nobody', '/api/credits/reinstate', { ...NOBODY, reference: 'p' }, NOT_FOUND),
];

/** What a hold and a direct charge are refused for, in the order of the checks. */
const onRuns: readonly BadRequest[] = (
  [
    ['charge', CHARGES, { ...CHARGE, runId: 'run-new' }],
    ['hold', HOLDS, { ...HOLD, holdId: 'h-new', runId: 'run-new' }],
  ] as const
).flatMap(([name, path, body]) => [
  refused(`${name}: no wallet`, path, { ...body, ...NOBODY }, NOT_FOUND),
  refused(`${name}: closed`, path, { ...body, userId: 'u-closed' }, CLOSED),
  refused(`${name}: frozen`, path, { ...body, userId: 'u-frozen' }, FROZEN),
  refused(`${name}: run charged`, path, { ...body, runId: 'run-used' }, [409, 'run.already_charged']),
  refused(`${name}: quote expired`, path, { ...body, quoteId: EXPIRED_QUOTE }, [409, 'quote.expired']),
  refused(`${name}: unknown model`, path, { ...body, model: 'gpt-99' }, UNPRICED),
  refused(`${name}: model from the prototype`, path, { ...body, model: 'constructor' }, UNPRICED),
  refused(`${name}: model of a larger plan`, path, { ...body, model: 'gpt-4-32k' }, [
    409,
    'plan.model_not_included',
  ]),
  refused(`${name}: own key on FREE`, path, { ...body, userId: 'u-poor', model: 'deepseek', byok: true }, [
    409,
    'plan.byok_not_included',
  ]),
  refused(
    `${name}: 101st test run`,
    path,
    { ...body, userId: 'u-limits', model: 'deepseek', purpose: 'test' },
    [409, 'plan.test_runs_exhausted'],
  ),
]);

const onHolds: readonly BadRequest[] = [
  refused(
    'charge: too few credits',
    CHARGES,
    { ...CHARGE, runId: 'run-new', inputTokens: 1_000_000_000 },
    POOR,
  ),
  refused('hold: too few credits', HOLDS, { ...HOLD, holdId: 'h-new', amount: '15000000' }, POOR),
  refused('hold id used', HOLDS, { ...HOLD, runId: 'run-new' }, [409, 'hold.id_used']),
  refused('hold id of a released one', HOLDS, { ...HOLD, holdId: 'h-released' }, [409, 'hold.id_used']),
  refused('release for nobody', `${HOLDS}/h-open/release`, NOBODY, NOT_FOUND),
  refused('release of another user', `${HOLDS}/h-open/release`, { userId: 'u-2' }, [404, 'hold.not_found']),
  refused('release again', `${HOLDS}/h-released/release`, { userId: 'u-1' }, [409, 'hold.closed']),
  refused('settle no hold', CHARGES, { ...CHARGE, runId: 'run-new', holdId: 'h-9' }, [404, 'hold.not_found']),
  refused('settle again', CHARGES, { ...CHARGE, holdId: 'h-settled' }, [409, 'hold.closed']),
  refused('settle for nobody', CHARGES, { ...CHARGE, ...NOBODY, holdId: 'h-open' }, NOT_FOUND),
  refused('key with another body', CHARGES, { ...CHARGE, outputTokens: 6 }, [422, 'request.id_reused'], {
    key: 'used',
  }),
  refused(
    'key of another command',
    '/api/flows/unlock',
    { ...UNLOCK, flowId: 'f-9' },
    [422, 'request.id_reused'],
    {
      key: 'used',
    },
  ),
  refused(
    'quote of an unknown model',
    '/api/credits/calculate-cost',
    { model: 'gpt-99', inputTokens: 1, outputTokens: 1 },
    UNPRICED,
  ),
];

const onRefunds: readonly BadRequest[] = [
  refused('refund for nobody', '/api/credits/refunds', { ...REFUND, ...NOBODY }, NOT_FOUND),
  refused('refund a closed one', '/api/credits/refunds', { ...REFUND, userId: 'u-closed' }, CLOSED),
  refused('refund id used', '/api/credits/refunds', REFUND, [409, 'refund.id_used']),
  refused('refund of no run', '/api/credits/refunds', { ...REFUND, refundId: 'rf-9', runId: 'r-9' }, [
    404,
    'run.not_found',
  ]),
  refused('refund of nothing left', '/api/credits/refunds', { ...REFUND, refundId: 'rf-9' }, [
    409,
    'refund.exceeds_charge',
  ]),
  refused('flow refund for nobody', '/api/flows/refunds', { ...FLOW_REFUND, ...NOBODY }, NOT_FOUND),
  refused('refund id of a run', '/api/flows/refunds', { ...FLOW_REFUND, refundId: 'rf-used' }, [
    409,
    'refund.id_used',
  ]),
  refused('refund of no flow', '/api/flows/refunds', { ...FLOW_REFUND, flowId: 'f-9' }, [
    409,
    'flow.not_unlocked',
  ]),
  refused('flow unlocked', '/api/flows/unlock', UNLOCK, [409, 'flow.already_unlocked']),
  refused('own flow', '/api/flows/unlock', { ...UNLOCK, flowId: 'f-9', creatorId: 'u-1' }, [
    409,
    'flow.own_flow',
  ]),
  refused('unlock for no wallet', '/api/flows/unlock', { ...UNLOCK, ...NOBODY }, NOT_FOUND),
  refused('unlock, frozen', '/api/flows/unlock', { ...UNLOCK, userId: 'u-frozen' }, FROZEN),
  refused('unlock, closed', '/api/flows/unlock', { ...UNLOCK, userId: 'u-closed' }, CLOSED),
  refused('flow too dear', '/api/flows/unlock', { ...UNLOCK, userId: 'u-poor', price: '100001' }, POOR),
];

const CHANGE = { method: 'PATCH' } as const;
const onPlans: readonly BadRequest[] = [
  refused('prompt of nobody', '/api/prompts', { ...PROMPT, ...NOBODY }, NOT_FOUND),
  refused('prompt of a closed one', '/api/prompts', { ...PROMPT, userId: 'u-closed' }, CLOSED),
  refused('prompt there already', '/api/prompts', PROMPT, [409, 'prompt.already_exists']),
  refused('4th private prompt', '/api/prompts', { ...PROMPT, userId: 'u-limits' }, [
    409,
    'plan.private_prompts_exhausted',
  ]),
  refused('too large a prompt', '/api/prompts', { ...PROMPT, userId: 'u-poor', sizeBytes: GB + 1 }, [
    409,
    'plan.storage_exhausted',
  ]),
  refused(
    'change no prompt',
    '/api/prompts/p-9',
    { userId: 'u-1', sizeBytes: 1 },
    [404, 'prompt.not_found'],
    CHANGE,
  ),
  refused(
    'grow beyond the storage',
    '/api/prompts/p-0',
    { userId: 'u-limits', sizeBytes: GB },
    [409, 'plan.storage_exhausted'],
    CHANGE,
  ),
  refused('delete no prompt', '/api/prompts/p-9?userId=u-1', undefined, [404, 'prompt.not_found'], {
    method: 'DELETE',
  }),
  refused('delete a prompt of nobody', '/api/prompts/p-used?userId=nobody', undefined, NOT_FOUND, {
    method: 'DELETE',
  }),
  refused('change the plan of nobody', '/api/plans/change', { ...NOBODY, plan: 'PRO' }, NOT_FOUND),
  refused(
    'change the plan of a closed one',
    '/api/plans/change',
    { userId: 'u-closed', plan: 'FREE' },
    CLOSED,
  ),
  refused('cancel no change', '/api/plans/change/cancel', { userId: 'u-1' }, [
    409,
    'plan.change_not_scheduled',
  ]),
  refused(
    'pay for nobody',
    '/api/plans/subscription-payments',
    { ...PAYMENT, ...NOBODY, reference: 's' },
    NOT_FOUND,
  ),
  refused(
    'pay for a closed one',
    '/api/plans/subscription-payments',
    { ...PAYMENT, userId: 'u-closed', reference: 's' },
    CLOSED,
  ),
];

/** Commands that are well-formed and refused by the state of the ledger. */
export const refusedCommands: readonly BadRequest[] = [
  ...onWallets,
  ...onCredits,
  ...onRuns,
  ...onHolds,
  ...onRefunds,
  ...onPlans,
  ...onNotifications,
];

/** Codes that no command of a wallet is refused with over HTTP, or not in the time of a test, and where they are met. */
export const MET_ELSEWHERE: Readonly<Record<string, string>> = {
  'approval.not_found': 'no route asks for an approval yet',
  'auth.forbidden': 'there is no authentication yet',
  'auth.missing': 'there is no authentication yet',
  'bulk.not_applied': 'http-bulk.spec',
  'creator.not_found': 'http-reads.spec',
  'hold.expired': 'more than 7 days after its end: the wallet specs',
  'internal.error': 'api.spec',
  'key.not_found': 'there are no keys yet',
  'outcome.unknown': 'api.spec',
  'payout.below_minimum': 'the creator specs',
  'payout.no_destination': 'the creator specs',
  'payout.not_found': 'the creator specs',
  'payout.nothing_payable': 'the creator specs',
  'plan.not_paid': 'without authentication every caller may grant a plan: the wallet specs',
  'rate.limited': 'there are no rate limits yet',
  'ratecard.not_found': 'the catalogue specs',
  'read.not_caught_up': 'http-reads.spec',
  'request.invalid': 'every table of this file',
  'request.media_type': 'malformed.ts',
  'request.too_large': 'malformed.ts',
  'route.not_found': 'malformed.ts',
  'service.catching_up': 'api.spec',
  'service.overloaded': 'api.spec',
};
