import { STANDARD_TERMS } from '#libs/ledger/catalogue/standard.js';
import { arbitraryLife } from '#test/support/ledger/arbitrary-commands.js';
import { WalletComparison } from '#test/support/model/comparison.js';
import { holdsInEveryLife } from '#test/support/model/life-property.js';
import { MOVING_MODEL_TERMS, MOVING_TERMS, STANDARD_MODEL_TERMS } from '#test/support/model/terms.js';
import { IS_FULL_PROOF, patience, showed, sized } from '#test/support/proof.js';

/** Of each kind of terms: 5,000 together in full. */
const RUNS = sized({ everyday: 100, full: 2_500 });
const COMMANDS_MAX = 100;
const PATIENCE_MS = patience({ everyday: 60_000, full: 900_000 });

/** A command with its answer; about 110 are usual in the short run. */
const KINDS_OF_ANSWER_MIN = 70;
/** Answers that lives of every kind come to; fewer would mean that the generator has gone blind. */
const COMMON: readonly string[] = [
  'AddCredits: done',
  'AdvanceWallet: done',
  'AuthoriseRun: done',
  'AuthoriseRun: plan.model_not_included',
  'AuthoriseRun: wallet.insufficient_credits',
  'CancelPlanChange: done',
  'ChangePlan: done',
  'ChangePlan: plan.not_paid',
  'ChangePrompt: done',
  'ChargePrompt: done',
  'ChargePrompt: quote.expired',
  'ChargePrompt: run.already_charged',
  'ChargePrompt: wallet.frozen',
  'ChargePrompt: wallet.insufficient_credits',
  'CloseWallet: done',
  'CreatePrompt: done',
  'DeletePrompt: done',
  'FreezeWallet: done',
  'PaySubscription: done',
  'RefundFlow: done',
  'RefundPrompt: done',
  'RefundPrompt: refund.exceeds_charge',
  'ReinstateCredits: done',
  'ReleaseHold: done',
  'RevokeCredits: done',
  'RevokeCredits: wallet.insufficient_credits',
  'SetThresholds: done',
  'UnfreezeWallet: done',
  'UnlockFlow: done',
  'settle: done',
  'settle: hold.closed',
  'settle: hold.expired',
  'settle: hold.not_found',
  'settle: request.invalid',
];

describe('G9: the code equals the model', () => {
  test.each([
    ['standard terms', STANDARD_TERMS, STANDARD_MODEL_TERMS],
    ['terms that move', MOVING_TERMS, MOVING_MODEL_TERMS],
  ])(
    'random lives decided under %s: every answer, balance, refusal and lot alike, and the books whole',
    (name, terms, modelTerms) => {
      const seen = new Map<string, number>();
      let commands = 0;
      const seed = holdsInEveryLife(
        `deciders equal model: ${name}`,
        RUNS,
        arbitraryLife(COMMANDS_MAX),
        (steps) => {
          const comparison = new WalletComparison(terms, modelTerms);
          for (const step of steps) {
            const what = comparison.step(step);
            seen.set(what, (seen.get(what) ?? 0) + 1);
            commands += 1;
          }
        },
      );
      showed({
        guarantee: 'G9',
        proof: `pure, ${name}`,
        seed,
        figures: {
          runs: RUNS,
          commands,
          'commands a run at most': COMMANDS_MAX,
          'kinds of answer': seen.size,
        },
      });
      expect(seen.size).toBeGreaterThan(KINDS_OF_ANSWER_MIN);
      if (IS_FULL_PROOF) expect([...seen.keys()]).toEqual(expect.arrayContaining([...COMMON]));
    },
    PATIENCE_MS,
  );
});
