import { assertNever } from '#libs/kernel/assert-never.js';
import { ID_EXPECTED, ID_PATTERN } from '#libs/kernel/ids.js';
import { accept, type CommandContext, type Decision, refuse } from '../decision.js';
import { POLICY_IDS, policyOf } from '../pricing/policies.js';
import { BASIS_POINTS } from '../pricing/policy.js';
import type { FieldError } from '../refusal.js';
import { checkCard } from './check-card.js';
import { checkPlans } from './check-plans.js';
import type { CatalogueCommand } from './commands.js';
import type { CatalogueEvent } from './events.js';

/**
 * What is published takes effect so much later at the earliest, so that every process has read it by then: one that
 * has not read the log for half of it refuses to price (domain rules, section 2).
 */
export const EFFECTIVE_AHEAD_MS_MIN = 60_000;
/** The last moment that ISO 8601 writes with a year of four digits. */
const EFFECTIVE_FROM_MAX = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** State of one stream of the catalogue. What was published is never changed: only the next version depends on it. */
export interface Publications {
  /** Of the last one published; 0 before the first. */
  readonly version: number;
  /** When it was published, milliseconds since the epoch. */
  readonly lastAt: number;
}

export const NO_PUBLICATIONS: Publications = { version: 0, lastAt: 0 };

export function evolvePublications(
  publications: Publications,
  { version, at }: CatalogueEvent,
): Publications {
  if (version !== publications.version + 1)
    throw new Error(`Version ${version} is published after version ${publications.version}`);
  return { version, lastAt: at };
}

/** Adds a version. Refused with `request.invalid` by field; nothing else can be wrong here. */
export function decidePublication(
  publications: Publications,
  command: CatalogueCommand,
  context: CommandContext<CatalogueEvent>,
): Decision<CatalogueEvent> {
  const at = Math.max(context.now, publications.lastAt);
  const errors = [...checkContent(command), ...checkMoment(command.effectiveFrom, at)];
  if (errors.length > 0) return refuse({ code: 'request.invalid', errors });
  return accept(eventOf(command, { at, version: publications.version + 1 }));
}

function eventOf(
  command: CatalogueCommand,
  published: Pick<CatalogueEvent, 'at' | 'version'>,
): CatalogueEvent {
  switch (command.type) {
    case 'PublishRateCard':
      return { ...command, type: 'RateCardPublished', ...published };
    case 'ActivatePolicy':
      return { ...command, type: 'PolicyActivated', ...published };
    case 'PublishPlans':
      return { ...command, type: 'PlansPublished', ...published };
    default:
      return assertNever(command);
  }
}

function checkMoment(effectiveFrom: number, at: number): readonly FieldError[] {
  const earliest = at + EFFECTIVE_AHEAD_MS_MIN;
  if (effectiveFrom >= earliest && effectiveFrom <= EFFECTIVE_FROM_MAX) return [];
  const moment = new Date(earliest).toISOString();
  const message = `must be ${moment} or later: every process reads it at least ${EFFECTIVE_AHEAD_MS_MIN / 1_000} s ahead`;
  return [{ field: 'effectiveFrom', message }];
}

function checkContent(command: CatalogueCommand): readonly FieldError[] {
  switch (command.type) {
    case 'PublishRateCard':
      return [...checkId('rateCard', command.cardId), ...checkCard(command)];
    case 'ActivatePolicy':
      return [
        ...checkPolicy(command.policyId),
        ...checkId('rateCard', command.cardId),
        ...checkShare(command),
      ];
    case 'PublishPlans':
      return [...checkId('table', command.tableId), ...checkPlans(command)];
    default:
      return assertNever(command);
  }
}

const checkId = (field: string, id: string): readonly FieldError[] =>
  ID_PATTERN.test(id) ? [] : [{ field, message: `must be ${ID_EXPECTED}` }];

const checkPolicy = (id: string): readonly FieldError[] =>
  policyOf(id) ? [] : [{ field: 'policy', message: `must be one of ${POLICY_IDS.join(', ')}` }];

const checkShare = ({
  byokFeeBasisPoints: share,
}: {
  readonly byokFeeBasisPoints: bigint;
}): readonly FieldError[] =>
  share >= 0n && share <= BASIS_POINTS
    ? []
    : [
        {
          field: 'byokFeeBasisPoints',
          message: `must be 0 to ${BASIS_POINTS} (1/10,000 of the notional inference)`,
        },
      ];
