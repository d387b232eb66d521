import { CreatorId, PayoutId } from '#libs/kernel/ids.js';
import {
  DOLLAR,
  failed,
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
  takenBack,
  verified,
} from '#test/support/ledger/creator-builders.js';
import { CREATOR, NOW } from '#test/support/ledger/wallet-builders.js';
import type { CreatorCommand } from './commands.js';
import type { CreatorEvent } from './events.js';
import type { Refusal } from '../refusal.js';
import { DAY_MS, STANDARD_CREATOR_TERMS } from './terms.js';

const OTHER = PayoutId.of('payout-2');
const matured = (amount: bigint) => paid(1n, amount, MATURED_AT);
const MINIMUM = 10n * DOLLAR;
const wrong = (field: string, message: string): Refusal => ({
  code: 'request.invalid',
  errors: [{ field, message }],
});

describe('a payout destination', () => {
  test('is verified by finance and replaces an earlier one', () => {
    const command = {
      type: 'VerifyPayoutDestination',
      creatorId: CreatorId.of(CREATOR),
      provider: 'bank',
      reference: 'acct-2',
    } as const;
    givenCreator()
      .when(command)
      .then(verified({ reference: 'acct-2' }));
    givenCreator(matured(20n * DOLLAR), verified(), verified({ reference: 'acct-2' }))
      .when(request())
      .then(requested(20n * DOLLAR, { destination: 'acct-2' }));
  });
});

describe('request a payout', () => {
  test('12,345,678 credits pay out $12.34 and carry 5,678', () => {
    const before = [matured(12_345_678n), verified()];
    givenCreator(...before)
      .when(request())
      .then(requested(12_340_000n));
    givenCreator(...before, requested(12_340_000n))
      .when(request(undefined, OTHER))
      .thenRefused({ code: 'payout.below_minimum', minimum: MINIMUM, payable: 5_678n });
  });

  test('part of what is payable, in whole cents', () => {
    givenCreator(matured(30n * DOLLAR), verified())
      .when(request(10_010_000n))
      .then(requested(10_010_000n));
  });

  test('no more than what was approved, and less when less is payable by then', () => {
    const atMost = (amount: bigint) => ({ ...request(), atMost: amount }) as CreatorCommand;
    givenCreator(matured(30n * DOLLAR), verified())
      .when(atMost(20n * DOLLAR))
      .then(requested(20n * DOLLAR));
    givenCreator(matured(12_345_678n), verified())
      .when(atMost(20n * DOLLAR))
      .then(requested(12_340_000n));
    givenCreator(matured(30n * DOLLAR), verified())
      .when(atMost(5n * DOLLAR))
      .thenRefused({ code: 'payout.below_minimum', minimum: MINIMUM, payable: 30n * DOLLAR });
  });

  test('exactly the minimum', () => {
    givenCreator(matured(MINIMUM), verified()).when(request()).then(requested(MINIMUM));
  });

  test('what is still within the holding period stays', () => {
    givenCreator(matured(11n * DOLLAR), paid(2n, 50n * DOLLAR, NOW - DAY_MS), verified())
      .when(request())
      .then(requested(11n * DOLLAR));
  });

  test('a second one takes what the first has left', () => {
    givenCreator(matured(30n * DOLLAR), verified(), requested(10n * DOLLAR))
      .when(request(undefined, OTHER))
      .then(requested(20n * DOLLAR, { payoutId: OTHER }));
  });

  test('what failed can be requested again, under a new id', () => {
    const history = [
      matured(20n * DOLLAR),
      verified(),
      requested(20n * DOLLAR),
      failed(20n * DOLLAR, 'requested'),
    ];
    givenCreator(...history)
      .when(request())
      .thenRefused(wrong('payoutId', 'was used before: a payout needs an id of its own'));
    givenCreator(...history)
      .when(request(undefined, OTHER))
      .then(requested(20n * DOLLAR, { payoutId: OTHER }));
  });

  test('never before the last event of the stream', () => {
    givenCreator(matured(20n * DOLLAR), verified({ at: NOW + 5 }))
      .when(request())
      .then(requested(20n * DOLLAR, { at: NOW + 5 }));
  });

  test('the minimum and the holding period are configuration', () => {
    const terms = { holdingPeriodMs: 60 * DAY_MS, payoutMinimum: 10_000n };
    givenCreator(matured(20_000n), verified())
      .when(request(), { terms: { ...terms, holdingPeriodMs: 0 } })
      .then(requested(20_000n));
    givenCreator(matured(20_000n), verified())
      .when(request(), { terms })
      .thenRefused({ code: 'payout.nothing_payable', payable: 0n });
  });
});

describe('a negative balance carries forward and blocks payout', () => {
  const ten = 10n * DOLLAR;
  const history = [
    matured(ten),
    verified(),
    requested(ten),
    sent(ten),
    settled(ten),
    takenBack(2n, 4n * DOLLAR, MATURED_AT),
  ];

  test('until later earnings have made up for it', () => {
    givenCreator(...history)
      .when(request(undefined, OTHER))
      .thenRefused({ code: 'payout.nothing_payable', payable: -4n * DOLLAR });
    givenCreator(...history, paid(3n, 4n * DOLLAR, MATURED_AT))
      .when(request(undefined, OTHER))
      .thenRefused({ code: 'payout.nothing_payable', payable: 0n });
    givenCreator(...history, paid(3n, 15n * DOLLAR, MATURED_AT))
      .when(request(undefined, OTHER))
      .then(requested(11n * DOLLAR, { payoutId: OTHER }));
  });
});

describe('a payout goes from requested to sent to settled, and can fail at each', () => {
  const amount = 20n * DOLLAR;
  const asked = [matured(amount), verified(), requested(amount)];

  test('sent and settled keep the amount; the reference is the provider’s', () => {
    givenCreator(...asked)
      .when({ ...markSent, reference: 'tr-1' } as CreatorCommand)
      .then(sent(amount, { reference: 'tr-1' }));
    givenCreator(...asked, sent(amount))
      .when(markSettled)
      .then(settled(amount));
  });

  test('failed says where the amount stood', () => {
    givenCreator(...asked)
      .when(markFailed)
      .then(failed(amount, 'requested'));
    givenCreator(...asked, sent(amount))
      .when(markFailed)
      .then(failed(amount, 'sent'));
    givenCreator(...asked, sent(amount), settled(amount))
      .when(markFailed)
      .then(failed(amount, 'settled'));
  });
});

describe('refusals in their order', () => {
  const twenty = 20n * DOLLAR;
  const asked = [matured(twenty), verified(), requested(twenty)];
  type Row = readonly [
    what: string,
    history: readonly CreatorEvent[],
    command: CreatorCommand,
    refusal: Refusal,
  ];
  const rows: readonly Row[] = [
    [
      'request: a part of a cent',
      [],
      request(10_000_001n),
      wrong('amount', 'must be whole cents: a multiple of 10000 credits'),
    ],
    ['request: unknown creator', [], request(), { code: 'creator.not_found' }],
    [
      'request: id used',
      asked,
      request(),
      wrong('payoutId', 'was used before: a payout needs an id of its own'),
    ],
    ['request: no destination', [takenBack(1n, 5n)], request(), { code: 'payout.no_destination' }],
    [
      'request: nothing matured',
      [verified(), paid(1n, twenty)],
      request(),
      { code: 'payout.nothing_payable', payable: 0n },
    ],
    [
      'request: less than nothing',
      [verified(), takenBack(1n, 5n)],
      request(DOLLAR),
      { code: 'payout.nothing_payable', payable: -5n },
    ],
    [
      'request: less than a cent',
      [verified(), matured(9_999n)],
      request(),
      { code: 'payout.below_minimum', minimum: MINIMUM, payable: 9_999n },
    ],
    [
      'request: payable below the minimum',
      [verified(), matured(MINIMUM - 1n)],
      request(twenty),
      { code: 'payout.below_minimum', minimum: MINIMUM, payable: MINIMUM - 1n },
    ],
    [
      'request: asked below the minimum',
      [verified(), matured(twenty)],
      request(MINIMUM - 10_000n),
      { code: 'payout.below_minimum', minimum: MINIMUM, payable: twenty },
    ],
    [
      'request: above what is payable',
      [verified(), matured(twenty + 1n)],
      request(twenty + 10_000n),
      wrong('amount', 'must be at most 20000000, which is what is payable'),
    ],
    ['sent: unknown creator', [], markSent, { code: 'payout.not_found' }],
    ['sent: unknown payout', [verified()], markSent, { code: 'payout.not_found' }],
    [
      'sent: sent before',
      [...asked, sent(twenty)],
      markSent,
      wrong('payoutId', 'names a payout that is sent, not requested'),
    ],
    ['settled: unknown payout', [verified()], markSettled, { code: 'payout.not_found' }],
    [
      'settled: not sent yet',
      asked,
      markSettled,
      wrong('payoutId', 'names a payout that is requested, not sent'),
    ],
    ['failed: unknown payout', [verified()], markFailed, { code: 'payout.not_found' }],
    [
      'failed: failed before',
      [...asked, failed(twenty, 'requested')],
      markFailed,
      wrong('payoutId', 'names a payout that is failed, not requested or sent or settled'),
    ],
    [
      'sent: failed before',
      [...asked, failed(twenty, 'requested')],
      markSent,
      wrong('payoutId', 'names a payout that is failed, not requested'),
    ],
    [
      'settled: settled before',
      [...asked, sent(twenty), settled(twenty)],
      markSettled,
      wrong('payoutId', 'names a payout that is settled, not sent'),
    ],
  ];

  test.each(rows)('%s', (_what, history, command, refusal) => {
    givenCreator(...history)
      .when(command)
      .thenRefused(refusal);
  });

  test('the standard terms are seven days and $10', () => {
    expect(STANDARD_CREATOR_TERMS).toEqual({ holdingPeriodMs: 604_800_000, payoutMinimum: 10_000_000n });
  });
});
