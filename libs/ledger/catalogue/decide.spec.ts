import { type CommandContext, type Decision } from '../decision.js';
import { type Plan, STANDARD_PLANS } from '../plans/plan-table.js';
import type { ActivatePolicyCommand, PublishPlansCommand, PublishRateCardCommand } from './commands.js';
import { decidePublication, EFFECTIVE_AHEAD_MS_MIN, evolvePublications, NO_PUBLICATIONS } from './decide.js';
import type { CatalogueEvent } from './events.js';

const NOW = Date.UTC(2026, 10, 20, 16);
const LATER = NOW + EFFECTIVE_AHEAD_MS_MIN;
const unasked = (): never => {
  throw new Error('a publication asks nothing about its past');
};
const CONTEXT: CommandContext<CatalogueEvent> = {
  now: NOW,
  commandId: '0'.repeat(32),
  past: { revisionOf: unasked, eventAt: unasked },
};

const card = (more: Partial<PublishRateCardCommand> = {}): PublishRateCardCommand => ({
  type: 'PublishRateCard',
  cardId: 'standard',
  effectiveFrom: LATER,
  models: [{ model: 'gpt-5', input: 7n, output: 8n }],
  aliases: [{ alias: 'gpt-5-latest', model: 'gpt-5' }],
  ...more,
});

const policy = (more: Partial<ActivatePolicyCommand> = {}): ActivatePolicyCommand => ({
  type: 'ActivatePolicy',
  policyId: 'graduated-v2',
  cardId: 'standard',
  effectiveFrom: LATER,
  byokFeeBasisPoints: 0n,
  ...more,
});

const plans = (more: Partial<PublishPlansCommand> = {}): PublishPlansCommand => ({
  type: 'PublishPlans',
  tableId: 'standard',
  effectiveFrom: LATER,
  planCredit: 10_000n,
  plans: STANDARD_PLANS.plans,
  ...more,
});

const withPro = (more: Partial<Plan>): PublishPlansCommand =>
  plans({ plans: { ...STANDARD_PLANS.plans, PRO: { ...STANDARD_PLANS.plans.PRO, ...more } } });

const decided = (
  command: Parameters<typeof decidePublication>[1],
  context = CONTEXT,
  state = NO_PUBLICATIONS,
) => decidePublication(state, command, context);

/** Fields refused, in order. */
const refused = (decision: Decision<CatalogueEvent>): readonly string[] =>
  decision.kind === 'refused' && decision.refusal.code === 'request.invalid'
    ? decision.refusal.errors.map(({ field }) => field)
    : [];

describe('publishing', () => {
  test('a rate card', () => {
    const { models, aliases } = card();
    const event = { at: NOW, version: 1, effectiveFrom: LATER, cardId: 'standard', models, aliases };
    expect(decided(card())).toEqual({ kind: 'accepted', events: [{ type: 'RateCardPublished', ...event }] });
  });

  test('a policy', () => {
    const event = { at: NOW, version: 1, effectiveFrom: LATER, policyId: 'graduated-v2', cardId: 'standard' };
    expect(decided(policy({ byokFeeBasisPoints: 125n }))).toEqual({
      kind: 'accepted',
      events: [{ type: 'PolicyActivated', ...event, byokFeeBasisPoints: 125n }],
    });
  });

  test('a plan table', () => {
    const event = { at: NOW, version: 1, effectiveFrom: LATER, tableId: 'standard', planCredit: 10_000n };
    expect(decided(plans())).toEqual({
      kind: 'accepted',
      events: [{ type: 'PlansPublished', ...event, plans: STANDARD_PLANS.plans }],
    });
  });

  test('versions count up in their stream', () => {
    let state = NO_PUBLICATIONS;
    for (const version of [1, 2, 3]) {
      const decision = decided(card(), CONTEXT, state);
      if (decision.kind === 'refused') throw new Error('refused');
      state = evolvePublications(state, decision.events[0]!);
      expect(state).toEqual({ version, lastAt: NOW });
    }
  });

  test('a version twice is a log read wrongly', () => {
    const decision = decided(card(), CONTEXT, { version: 1, lastAt: 0 });
    if (decision.kind === 'refused') throw new Error('refused');
    expect(() => evolvePublications(NO_PUBLICATIONS, decision.events[0]!)).toThrow(
      'Version 2 is published after',
    );
  });
});

describe('effective at least 60 s ahead, so that every process has read it', () => {
  test('60 s', () => expect(EFFECTIVE_AHEAD_MS_MIN).toBe(60_000));

  test.each([
    ['rate card', card],
    ['policy', policy],
    ['plan table', plans],
  ])(
    'a %s: exactly 60 s is enough, a millisecond less is not, and the earliest moment is named',
    (_what, make) => {
      expect(decided(make({ effectiveFrom: LATER })).kind).toBe('accepted');
      expect(decided(make({ effectiveFrom: LATER - 1 }))).toEqual({
        kind: 'refused',
        refusal: {
          code: 'request.invalid',
          errors: [
            {
              field: 'effectiveFrom',
              message:
                'must be 2026-11-20T16:01:00.000Z or later: every process reads it at least 60 s ahead',
            },
          ],
        },
      });
    },
  );

  test.each([0, -1, NaN, Infinity, Number.MAX_SAFE_INTEGER])(
    '%s is no moment to take effect at',
    (effectiveFrom) => {
      expect(refused(decided(card({ effectiveFrom })))).toEqual(['effectiveFrom']);
    },
  );

  test('a stream never runs backwards: the last publication counts when the clock is behind it', () => {
    const state = { version: 1, lastAt: NOW + 5_000 };
    expect(refused(decided(card(), CONTEXT, state))).toEqual(['effectiveFrom']);
    expect(decided(card({ effectiveFrom: LATER + 5_000 }), CONTEXT, state)).toMatchObject({
      events: [{ at: NOW + 5_000, version: 2 }],
    });
  });
});

describe('a rate card is refused by field', () => {
  const model = { model: 'm', input: 1n, output: 1n };
  test.each([
    ['no model', { models: [], aliases: [] }, ['models']],
    ['a card id with a space', { cardId: 'a b' }, ['rateCard']],
    ['a model without a name', { models: [{ ...model, model: '' }], aliases: [] }, ['models[0].model']],
    ['a model twice', { models: [model, model], aliases: [] }, ['models[1].model']],
    ['a negative rate', { models: [{ ...model, input: -1n }], aliases: [] }, ['models[0].input']],
    [
      'a rate too high',
      { models: [{ ...model, output: 10n ** 12n + 1n }], aliases: [] },
      ['models[0].output'],
    ],
    [
      'a negative cache rate',
      { models: [{ ...model, cacheRead: -1n }], aliases: [] },
      ['models[0].cacheRead'],
    ],
    [
      'a customer that is no id',
      { models: [{ ...model, customers: new Set(['a b']) }], aliases: [] },
      ['models[0].customers'],
    ],
    ['an alias of nothing', { models: [model], aliases: [{ alias: 'x', model: 'y' }] }, ['aliases[0].model']],
    ['an alias of an alias', aliasOfAlias(), ['aliases[1].model']],
    [
      'an alias that is a model',
      { models: [model], aliases: [{ alias: 'm', model: 'm' }] },
      ['aliases[0].alias'],
    ],
    ['too many models', { models: many(2_001), aliases: [] }, ['models']],
    [
      'all at once',
      { models: [{ ...model, input: -1n }], effectiveFrom: NOW },
      ['models[0].input', 'aliases[0].model', 'effectiveFrom'],
    ],
  ] as const)('%s', (_what, more, fields) => {
    expect(refused(decided(card(more)))).toEqual(fields);
  });

  test('the largest card that is accepted', () => {
    const most = { models: many(2_000), aliases: [] };
    expect(decided(card(most)).kind).toBe('accepted');
    expect(decided(card({ models: [{ ...model, input: 10n ** 12n, output: 0n }], aliases: [] })).kind).toBe(
      'accepted',
    );
  });

  function aliasOfAlias() {
    const aliases = [
      { alias: 'x', model: 'm' },
      { alias: 'y', model: 'x' },
    ];
    return { models: [{ model: 'm', input: 1n, output: 1n }], aliases };
  }
  function many(count: number) {
    return Array.from({ length: count }, (_, i) => ({ model: `m${i}`, input: 1n, output: 1n }));
  }
});

describe('a policy is refused by field', () => {
  test.each([
    ['an unknown one, naming the three', { policyId: 'four-part-v3' }, ['policy']],
    ['a card id that is none', { cardId: '' }, ['rateCard']],
    ['a share above 100 %', { byokFeeBasisPoints: 10_001n }, ['byokFeeBasisPoints']],
    ['a negative share', { byokFeeBasisPoints: -1n }, ['byokFeeBasisPoints']],
  ])('%s', (_what, more, fields) => {
    expect(refused(decided(policy(more)))).toEqual(fields);
  });

  test.each(['three-part-v1', 'graduated-v2', 'token-credits-v0'])('%s can be activated', (policyId) => {
    expect(decided(policy({ policyId, byokFeeBasisPoints: 10_000n })).kind).toBe('accepted');
  });
});

describe('a plan table is refused by field', () => {
  const unlimited = (more: object) =>
    withPro({ monthly: { kind: 'unlimited', covers: ['inference'], ...more } });
  test.each([
    ['a plan credit of nothing', plans({ planCredit: 0n }), ['planCredit']],
    ['a plan that is missing', plans({ plans: without('ELITE') }), ['plans.ELITE']],
    ['a plan under the name of another', withPro({ name: 'FREE' }), ['plans.PRO']],
    ['a negative limit', withPro({ testRuns: { kind: 'limited', max: -1 } }), ['plans.PRO.testRuns.max']],
    [
      'a limit of half a prompt',
      withPro({ privatePrompts: { kind: 'limited', max: 0.5 } }),
      ['plans.PRO.privatePrompts.max'],
    ],
    [
      'a limit above all bytes',
      withPro({ storageBytes: { kind: 'limited', max: 1e15 + 1 } }),
      ['plans.PRO.storageBytes.max'],
    ],
    [
      'a negative grant',
      withPro({ monthly: { kind: 'granted', planCredits: -1n } }),
      ['plans.PRO.monthly.planCredits'],
    ],
    [
      'a grant above all',
      withPro({ monthly: { kind: 'granted', planCredits: 10n ** 8n + 1n } }),
      ['plans.PRO.monthly.planCredits'],
    ],
    ['a fair use of nothing', unlimited({ fairUse: 0n }), ['plans.PRO.monthly.fairUse']],
    ['an allowance for creator fees', unlimited({ covers: ['creatorFee'] }), ['plans.PRO.monthly.covers']],
    ['a component covered twice', unlimited({ covers: ['markup', 'markup'] }), ['plans.PRO.monthly.covers']],
    ['a model that is no name', withPro({ models: new Set(['a b']) }), ['plans.PRO.models']],
  ])('%s', (_what, command, fields) => {
    expect(refused(decided(command))).toEqual(fields);
  });

  test('limits of nothing, fair use and a single covered component are fine', () => {
    expect(decided(withPro({ testRuns: { kind: 'limited', max: 0 } })).kind).toBe('accepted');
    expect(decided(unlimited({ fairUse: 1n })).kind).toBe('accepted');
  });

  function without(name: 'ELITE') {
    const { [name]: _left, ...others } = STANDARD_PLANS.plans;
    return others as PublishPlansCommand['plans'];
  }
});
