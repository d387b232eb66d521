import { randomUUID } from 'node:crypto';
import type { BadRequest } from './bad-request.js';

/** What the wallets of the scene have done already. */
export const CHARGE = { userId: 'u-1', runId: 'run-used', model: 'gpt-4', inputTokens: 10, outputTokens: 5 };
export const UNLOCK = { userId: 'u-1', flowId: 'f-used', creatorId: 'c-1', price: '99' };
export const PURCHASE = { userId: 'u-1', amount: '5', kind: 'purchased', reference: 'pay-used' };

const refused = (
  name: string,
  path: string,
  body: unknown,
  [status, code]: readonly [number, string],
  key: string = randomUUID(),
): BadRequest => ({ name, path, question: { body, key }, status, code });
/** Commands that are well-formed and refused by the state of the ledger. */
export const refusedCommands: readonly BadRequest[] = [
  refused('wallet open already', '/api/wallets', { userId: 'u-1' }, [409, 'wallet.already_open']),
  refused('add to no wallet', '/api/credits/add', { ...PURCHASE, userId: 'nobody', reference: 'p-9' }, [
    404,
    'wallet.not_found',
  ]),
  refused('payment credited', '/api/credits/add', PURCHASE, [409, 'payment.already_credited']),
  refused('payment of another user', '/api/credits/add', { ...PURCHASE, userId: 'u-2' }, [
    409,
    'payment.already_credited',
  ]),
  refused('charge no wallet', '/api/credits/charge-prompt', { ...CHARGE, userId: 'nobody' }, [
    404,
    'wallet.not_found',
  ]),
  refused('run charged', '/api/credits/charge-prompt', CHARGE, [409, 'run.already_charged']),
  refused('unknown model', '/api/credits/charge-prompt', { ...CHARGE, runId: 'r-9', model: 'gpt-99' }, [
    422,
    'model.unpriced',
  ]),
  refused(
    'model from the prototype',
    '/api/credits/charge-prompt',
    { ...CHARGE, runId: 'r-9', model: 'constructor' },
    [422, 'model.unpriced'],
  ),
  refused(
    'too few credits',
    '/api/credits/charge-prompt',
    { ...CHARGE, userId: 'u-poor', inputTokens: 1_000_000_000 },
    [402, 'wallet.insufficient_credits'],
  ),
  refused(
    'key with another body',
    '/api/credits/charge-prompt',
    { ...CHARGE, outputTokens: 6 },
    [422, 'request.id_reused'],
    'used',
  ),
  refused(
    'key of another command',
    '/api/flows/unlock',
    { ...UNLOCK, flowId: 'f-9' },
    [422, 'request.id_reused'],
    'used',
  ),
  refused('flow unlocked', '/api/flows/unlock', UNLOCK, [409, 'flow.already_unlocked']),
  refused('own flow', '/api/flows/unlock', { ...UNLOCK, flowId: 'f-9', creatorId: 'u-1' }, [
    409,
    'flow.own_flow',
  ]),
  refused('unlock for no wallet', '/api/flows/unlock', { ...UNLOCK, userId: 'nobody' }, [
    404,
    'wallet.not_found',
  ]),
  refused('flow too dear', '/api/flows/unlock', { ...UNLOCK, userId: 'u-poor', price: '100001' }, [
    402,
    'wallet.insufficient_credits',
  ]),
  refused(
    'quote of an unknown model',
    '/api/credits/calculate-cost',
    { model: 'gpt-99', inputTokens: 1, outputTokens: 1 },
    [422, 'model.unpriced'],
  ),
];
