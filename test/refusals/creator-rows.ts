import type { CreatorCommand } from '#libs/ledger/creator/commands.js';
import type { CreatorEvent } from '#libs/ledger/creator/events.js';
import {
  DOLLAR,
  givenCreator,
  markFailed,
  markSent,
  markSettled,
  MATURED_AT,
  paid,
  request,
  requested,
  sent,
  settled,
  failed,
  verified,
} from '#test/support/ledger/creator-builders.js';
import type { RefusalRow, RefusedCommand } from './table.js';

const row = (
  code: RefusalRow['code'],
  when: string,
  history: readonly CreatorEvent[],
  command: CreatorCommand,
): RefusalRow => ({ code, when, decide: () => givenCreator(...history).when(command).decision });

const partOfACent = request(1n);
const earnedDollars = (dollars: bigint): readonly CreatorEvent[] => [
  paid(1n, dollars * DOLLAR, MATURED_AT),
  verified(),
];
const asked = requested(10n * DOLLAR);

export const CREATOR_REFUSALS: readonly RefusedCommand[] = [
  {
    command: 'Request a payout',
    route: 'POST /api/creators/:id/payouts',
    rows: [
      row('request.invalid', 'amount is not whole cents', [], partOfACent),
      row('creator.not_found', 'nothing was ever earned and no destination verified', [], request()),
      row(
        'request.invalid',
        'payoutId was used before',
        [...earnedDollars(10n).slice(0, 1), asked],
        request(),
      ),
      row('payout.no_destination', 'no payout destination is verified', [paid(1n, DOLLAR)], request()),
      row(
        'payout.nothing_payable',
        'nothing has matured, or a negative balance is carried; says payable',
        [paid(1n, DOLLAR), verified()],
        request(),
      ),
      row(
        'payout.below_minimum',
        'less than the smallest payout; says minimum and payable',
        earnedDollars(9n),
        request(100n * DOLLAR),
      ),
      row(
        'request.invalid',
        'amount is more than what is payable',
        earnedDollars(10n),
        request(11n * DOLLAR),
      ),
    ],
  },
  {
    command: 'Mark a payout as sent',
    route: 'POST /api/creators/:id/payouts/:payoutId/sent',
    rows: [
      row('payout.not_found', 'the creator has no such payout', earnedDollars(10n), markSent),
      row(
        'request.invalid',
        'it is sent, settled or failed already',
        [...earnedDollars(10n), asked, sent(10n * DOLLAR)],
        markSent,
      ),
    ],
  },
  {
    command: 'Mark a payout as settled',
    route: 'POST /api/creators/:id/payouts/:payoutId/settled',
    rows: [
      row('payout.not_found', 'the creator has no such payout', earnedDollars(10n), markSettled),
      row(
        'request.invalid',
        'it was not sent, or is settled or failed already',
        [...earnedDollars(10n), asked],
        markSettled,
      ),
    ],
  },
  {
    command: 'Mark a payout as failed',
    route: 'POST /api/creators/:id/payouts/:payoutId/failed',
    rows: [
      row('payout.not_found', 'the creator has no such payout', earnedDollars(10n), markFailed),
      row(
        'request.invalid',
        'it has failed already',
        [
          ...earnedDollars(10n),
          asked,
          sent(10n * DOLLAR),
          settled(10n * DOLLAR),
          failed(10n * DOLLAR, 'settled'),
        ],
        markFailed,
      ),
    ],
  },
];
