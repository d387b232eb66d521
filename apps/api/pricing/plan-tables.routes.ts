import { PublishPlans } from '#libs/application/catalogue/commands.js';
import type { PublishPlansCommand } from '#libs/ledger/catalogue/commands.js';
import type { CatalogueEvent } from '#libs/ledger/catalogue/events.js';
import {
  COVERED_COMPONENTS,
  type MonthlyCredits,
  type Plan,
  type PlanLimit,
  PLAN_NAMES,
  type PlanName,
} from '#libs/ledger/plans/plan-table.js';
import type { CommandRoute } from '../commands/command-gate.js';
import { membersText, ownEvent, timeText } from '../commands/reply.js';
import { commandReader, creditsOf, type Errors } from '../commands/to-command.js';
import { parseUtcTime } from '../validation/fields.js';
import { hashingByValue } from './hashing.js';
import { NestedReader } from './nested.js';
import { PublishPlansDto } from './plan-tables.dto.js';

const AMOUNTS: ReadonlySet<string> = new Set(['planCredit', 'planCredits', 'fairUse']);
const PLAN_FIELDS = [
  'monthly',
  'privatePrompts',
  'testRuns',
  'storageBytes',
  'models',
  'privateModels',
  'byok',
];
const MONTHLY_KINDS = ['granted', 'unlimited'] as const;
const LIMIT_KINDS = ['limited', 'unlimited', 'custom'] as const;

export const PUBLISH_PLANS: CommandRoute<PublishPlansCommand, CatalogueEvent> = {
  read: hashingByValue(
    commandReader({
      fields: PublishPlansDto,
      judge: ({ plans }) => planErrors(plans),
      command: (dto): PublishPlansCommand => ({
        type: 'PublishPlans',
        tableId: dto.table,
        effectiveFrom: parseUtcTime(dto.effectiveFrom)!,
        planCredit: creditsOf(dto.planCredit),
        plans: readPlans(new NestedReader(), dto.plans),
      }),
    }),
    AMOUNTS,
  ),
  request: PublishPlans,
  about: (events) => {
    const published = ownEvent(events, 'PlansPublished');
    if (published === undefined) return '';
    const { tableId, version, effectiveFrom } = published;
    return membersText({ table: { id: tableId, version, effectiveFrom: timeText(effectiveFrom) } });
  },
};

function planErrors(plans: unknown): Errors {
  const reader = new NestedReader();
  // What is no record at all has been refused by the field's own rule.
  if (plans !== null && typeof plans === 'object' && !Array.isArray(plans)) readPlans(reader, plans);
  return reader.errors;
}

function readPlans(reader: NestedReader, raw: unknown): PublishPlansCommand['plans'] {
  const plans = reader.record('plans', raw, PLAN_NAMES);
  const plan = (name: PlanName): Plan => readPlan(reader, name, plans[name]);
  return { FREE: plan('FREE'), PRO: plan('PRO'), ELITE: plan('ELITE'), ENTERPRISE: plan('ENTERPRISE') };
}

function readPlan(reader: NestedReader, name: PlanName, raw: unknown): Plan {
  const path = `plans.${name}`;
  const fields = reader.record(path, raw, PLAN_FIELDS);
  const limit = (field: string): PlanLimit => readLimit(reader, fields[field], `${path}.${field}`);
  return {
    name,
    monthly: readMonthly(reader, fields['monthly'], `${path}.monthly`),
    privatePrompts: limit('privatePrompts'),
    testRuns: limit('testRuns'),
    storageBytes: limit('storageBytes'),
    models: new Set(reader.list(`${path}.models`, fields['models'], (model, at) => reader.text(at, model))),
    privateModels: reader.flag(`${path}.privateModels`, fields['privateModels']),
    byok: reader.flag(`${path}.byok`, fields['byok']),
  };
}

function readLimit(reader: NestedReader, raw: unknown, path: string): PlanLimit {
  const { kind: asked, max } = reader.record(path, raw, ['kind', 'max']);
  const kind = reader.oneOf(`${path}.kind`, asked, LIMIT_KINDS);
  if (kind === 'limited') return { kind, max: reader.count(`${path}.max`, max) };
  if (max !== undefined) reader.note(`${path}.max`, 'is for kind limited alone');
  return { kind };
}

function readMonthly(reader: NestedReader, raw: unknown, path: string): MonthlyCredits {
  const { kind: asked, ...rest } = reader.record(path, raw, ['kind', 'planCredits', 'covers', 'fairUse']);
  const kind = reader.oneOf(`${path}.kind`, asked, MONTHLY_KINDS);
  for (const name of kind === 'granted' ? ['covers', 'fairUse'] : ['planCredits']) {
    if (rest[name] !== undefined) reader.note(`${path}.${name}`, `is not for kind ${kind}`);
  }
  if (kind === 'granted')
    return { kind, planCredits: reader.amount(`${path}.planCredits`, rest['planCredits']) };
  return {
    kind,
    covers: reader.list(`${path}.covers`, rest['covers'], (component, at) =>
      reader.oneOf(at, component, COVERED_COMPONENTS),
    ),
    ...(rest['fairUse'] === undefined ? {} : { fairUse: reader.amount(`${path}.fairUse`, rest['fairUse']) }),
  };
}
