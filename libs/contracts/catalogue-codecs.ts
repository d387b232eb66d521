import type {
  CatalogueEvent,
  PlansPublished,
  PublishedModel,
  RateCardPublished,
} from '#libs/ledger/catalogue/events.js';
import {
  COVERED_COMPONENTS,
  type MonthlyCredits,
  type Plan,
  type PlanLimit,
  PLAN_NAMES,
  type PlanName,
} from '#libs/ledger/plans/plan-table.js';
import type { Codecs } from './codec.js';
import { type FieldReader, type StoredFields, timeText, UnreadableEventError } from './fields.js';

/** Sets inside of models and plans are stored beside them, one flat record an entry. */
export const catalogueCodecs: Codecs<CatalogueEvent> = {
  RateCardPublished: {
    storedType: 'RateCardPublished.v1',
    encode: (event) => ({
      ...encodePublished(event),
      cardId: event.cardId,
      models: event.models.map(encodeModel),
      customers: event.models.flatMap(({ model, customers = [] }) =>
        [...customers].map((userId) => ({ model, userId })),
      ),
      aliases: event.aliases.map(({ alias, model }) => ({ alias, model })),
    }),
    decode: (fields) => ({
      type: 'RateCardPublished',
      ...decodePublished(fields),
      cardId: fields.text('cardId'),
      models: decodeModels(fields),
      aliases: fields
        .list('aliases')
        .map((each) => ({ alias: each.text('alias'), model: each.text('model') })),
    }),
  },
  PolicyActivated: {
    storedType: 'PolicyActivated.v1',
    encode: (event) => ({
      ...encodePublished(event),
      policyId: event.policyId,
      cardId: event.cardId,
      byokFeeBasisPoints: event.byokFeeBasisPoints.toString(),
    }),
    decode: (fields) => ({
      type: 'PolicyActivated',
      ...decodePublished(fields),
      policyId: fields.text('policyId'),
      cardId: fields.text('cardId'),
      byokFeeBasisPoints: fields.amount('byokFeeBasisPoints'),
    }),
  },
  PlansPublished: {
    storedType: 'PlansPublished.v1',
    encode: (event) => {
      const plans = PLAN_NAMES.map((name) => event.plans[name]);
      return {
        ...encodePublished(event),
        tableId: event.tableId,
        planCredit: event.planCredit.toString(),
        plans: plans.map(encodePlan),
        covers: plans.flatMap(({ name, monthly }) =>
          monthly.kind === 'unlimited' ? monthly.covers.map((component) => ({ plan: name, component })) : [],
        ),
        models: plans.flatMap(({ name, models }) => [...models].map((model) => ({ plan: name, model }))),
      };
    },
    decode: (fields) => ({
      type: 'PlansPublished',
      ...decodePublished(fields),
      tableId: fields.text('tableId'),
      planCredit: fields.amount('planCredit'),
      plans: decodePlans(fields),
    }),
  },
};

type Published = Pick<CatalogueEvent, 'at' | 'version' | 'effectiveFrom'>;

const encodePublished = ({ at, version, effectiveFrom }: Published): StoredFields => ({
  at: timeText(at),
  version,
  effectiveFrom: timeText(effectiveFrom),
});

const decodePublished = (fields: FieldReader): Published => ({
  at: fields.time('at'),
  version: fields.integer('version'),
  effectiveFrom: fields.time('effectiveFrom'),
});

const encodeModel = ({
  model,
  input,
  output,
  cacheRead,
  cacheWrite,
  customers,
}: PublishedModel): StoredFields => ({
  model,
  input: input.toString(),
  output: output.toString(),
  cacheRead: cacheRead?.toString(),
  cacheWrite: cacheWrite?.toString(),
  // A private model without customers is one that nobody may use, not one for everybody.
  private: customers === undefined ? undefined : true,
});

function decodeModels(fields: FieldReader): RateCardPublished['models'] {
  const customersOf = new Map<string, Set<string>>();
  const models = fields.list('models').map((each): PublishedModel => {
    const model = each.text('model');
    const customers = new Set<string>();
    customersOf.set(model, customers);
    return {
      model,
      input: each.amount('input'),
      output: each.amount('output'),
      ...(each.has('cacheRead') ? { cacheRead: each.amount('cacheRead') } : {}),
      ...(each.has('cacheWrite') ? { cacheWrite: each.amount('cacheWrite') } : {}),
      ...(each.has('private') ? { customers } : {}),
    };
  });
  for (const each of fields.list('customers')) customersOf.get(each.text('model'))?.add(each.text('userId'));
  return models;
}

function encodePlan(plan: Plan): StoredFields {
  const { name, monthly, privatePrompts, testRuns, storageBytes, privateModels, byok } = plan;
  return {
    plan: name,
    monthly: monthly.kind,
    planCredits: monthly.kind === 'granted' ? monthly.planCredits.toString() : undefined,
    fairUse: monthly.kind === 'unlimited' ? monthly.fairUse?.toString() : undefined,
    ...encodeLimit('privatePrompts', privatePrompts),
    ...encodeLimit('testRuns', testRuns),
    ...encodeLimit('storageBytes', storageBytes),
    privateModels,
    byok,
  };
}

const encodeLimit = (name: string, limit: PlanLimit): StoredFields => ({
  [name]: limit.kind,
  [`${name}Max`]: limit.kind === 'limited' ? limit.max : undefined,
});

function decodeLimit(fields: FieldReader, name: string): PlanLimit {
  const kind = fields.oneOf(name, ['limited', 'unlimited', 'custom'] as const);
  return kind === 'limited' ? { kind, max: fields.integer(`${name}Max`) } : { kind };
}

function decodePlans(fields: FieldReader): PlansPublished['plans'] {
  const rows = fields.list('plans');
  const covers = fields.list('covers');
  const models = fields.list('models');
  const of = (name: PlanName) => (each: FieldReader) => each.text('plan') === name;
  const plan = (name: PlanName): Plan => {
    const row = rows.find(of(name));
    if (row === undefined)
      throw new UnreadableEventError(`Stored event PlansPublished: plan ${name} is missing.`);
    return {
      name,
      monthly: decodeMonthly(row, covers.filter(of(name))),
      privatePrompts: decodeLimit(row, 'privatePrompts'),
      testRuns: decodeLimit(row, 'testRuns'),
      storageBytes: decodeLimit(row, 'storageBytes'),
      models: new Set(models.filter(of(name)).map((each) => each.text('model'))),
      privateModels: row.flag('privateModels'),
      byok: row.flag('byok'),
    };
  };
  return { FREE: plan('FREE'), PRO: plan('PRO'), ELITE: plan('ELITE'), ENTERPRISE: plan('ENTERPRISE') };
}

function decodeMonthly(row: FieldReader, covers: readonly FieldReader[]): MonthlyCredits {
  const kind = row.oneOf('monthly', ['granted', 'unlimited'] as const);
  if (kind === 'granted') return { kind, planCredits: row.amount('planCredits') };
  return {
    kind,
    covers: covers.map((each) => each.oneOf('component', COVERED_COMPONENTS)),
    ...(row.has('fairUse') ? { fairUse: row.amount('fairUse') } : {}),
  };
}
