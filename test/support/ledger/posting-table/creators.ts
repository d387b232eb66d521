import { failed, paid, requested, sent, settled, takenBack } from '../creator-builders.js';
import type { Row } from './row.js';

export const CREATORS_AND_PAYOUTS: readonly Row[] = [
  ['CreatorPaid', paid(1n, 800n), { 'clearing:creator:c-1': -800n, 'creator:c-1:payable': 800n }],
  [
    'CreatorEarningsReversed is the opposite',
    takenBack(1n, 800n),
    { 'clearing:creator:c-1': 800n, 'creator:c-1:payable': -800n },
  ],
  ['PayoutRequested', requested(20n), { 'creator:c-1:payable': -20n, 'creator:c-1:in_payout': 20n }],
  ['PayoutSent', sent(20n), { 'creator:c-1:in_payout': -20n, 'platform:payouts': 20n }],
  ['PayoutSettled', settled(20n), { 'platform:payouts': -20n, 'platform:cash': 20n }],
  [
    'PayoutFailed when requested',
    failed(20n, 'requested'),
    { 'creator:c-1:in_payout': -20n, 'creator:c-1:payable': 20n },
  ],
  ['PayoutFailed when sent', failed(20n, 'sent'), { 'platform:payouts': -20n, 'creator:c-1:payable': 20n }],
  [
    'PayoutFailed when settled: the money came back',
    failed(20n, 'settled'),
    { 'platform:cash': -20n, 'creator:c-1:payable': 20n },
  ],
];
