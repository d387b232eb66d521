import {
  CLOSING_REMAINDERS,
  FREEZE_REASONS,
  HOLD_RELEASE_CAUSES,
  LOT_KINDS,
  LOT_ORIGINS,
  PROMO_REASONS,
  PROMPT_VISIBILITIES,
  REFUND_REASONS,
  REVOKE_REASONS,
  RUN_PURPOSES,
} from './vocabulary.js';

/** Written as in the domain rules, sections 1 and 4: a code more or less is another interface. */
describe('reasons are codes, never free text', () => {
  test.each([
    ['refund', REFUND_REASONS, 'quality|error|duplicate|fraud|goodwill|other'],
    ['promo and adjustment', PROMO_REASONS, 'welcome|bonus|campaign|goodwill|correction|migration|other'],
    ['revoke', REVOKE_REASONS, 'chargeback|provider_refund|closing|correction|fraud'],
    ['freeze', FREEZE_REASONS, 'dispute|fraud|review|other'],
  ])('%s', (_command, reasons, rule) => expect(reasons.join('|')).toBe(rule));
});

describe('the other closed sets', () => {
  test.each([
    ['visibility of a prompt', PROMPT_VISIBILITIES, 'private|public'],
    ['purpose of a run', RUN_PURPOSES, 'run|test'],
    ['kinds of lots', LOT_KINDS, 'monthly|promo|refund|purchased'],
    ['origins of lots', LOT_ORIGINS, 'purchased|promo|monthly|adjustment|legacy'],
    ['causes of a release', HOLD_RELEASE_CAUSES, 'caller|timeout|revocation'],
    ['what becomes of a closed remainder', CLOSING_REMAINDERS, 'pay_back|expire'],
  ])('%s', (_what, words, rule) => expect(words.join('|')).toBe(rule));
});
