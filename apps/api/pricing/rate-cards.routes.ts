import { ActivatePolicy, PublishRateCard } from '#libs/application/catalogue/commands.js';
import type { ActivatePolicyCommand, PublishRateCardCommand } from '#libs/ledger/catalogue/commands.js';
import type { CatalogueEvent, PublishedModel } from '#libs/ledger/catalogue/events.js';
import type { CommandRoute } from '../commands/command-gate.js';
import { membersText, ownEvent, timeText } from '../commands/reply.js';
import { commandReader, type Errors } from '../commands/to-command.js';
import { parseUtcTime } from '../validation/fields.js';
import { NestedReader } from './nested.js';
import { hashingByValue } from './hashing.js';
import { ActivatePolicyDto, PublishRateCardDto } from './rate-cards.dto.js';

const RATES: ReadonlySet<string> = new Set(['input', 'output', 'cacheRead', 'cacheWrite']);
const MODEL_FIELDS = ['model', 'input', 'output', 'cacheRead', 'cacheWrite', 'customers'];
const ALIAS_FIELDS = ['alias', 'model'];

export const PUBLISH_RATE_CARD: CommandRoute<PublishRateCardCommand, CatalogueEvent> = {
  read: hashingByValue(
    commandReader({
      fields: PublishRateCardDto,
      judge: (raw) => cardErrors(raw),
      command: (dto): PublishRateCardCommand => ({
        type: 'PublishRateCard',
        cardId: dto.rateCard,
        effectiveFrom: parseUtcTime(dto.effectiveFrom)!,
        ...readCard(new NestedReader(), dto),
      }),
    }),
    RATES,
  ),
  request: PublishRateCard,
  about: (events) => {
    const published = ownEvent(events, 'RateCardPublished');
    if (published === undefined) return '';
    const { cardId, version, effectiveFrom } = published;
    return membersText({ rateCard: { id: cardId, version, effectiveFrom: timeText(effectiveFrom) } });
  },
};

export const ACTIVATE_POLICY: CommandRoute<ActivatePolicyCommand, CatalogueEvent> = {
  read: commandReader({
    fields: ActivatePolicyDto,
    command: (dto): ActivatePolicyCommand => ({
      type: 'ActivatePolicy',
      policyId: dto.policy,
      cardId: dto.rateCard,
      effectiveFrom: parseUtcTime(dto.effectiveFrom)!,
      byokFeeBasisPoints: BigInt(dto.byokFeeBasisPoints ?? 0),
    }),
  }),
  request: ActivatePolicy,
  about: (events) => {
    const activated = ownEvent(events, 'PolicyActivated');
    if (activated === undefined) return '';
    const { policyId, cardId, version, effectiveFrom, byokFeeBasisPoints } = activated;
    return membersText({
      policy: policyId,
      version,
      rateCard: cardId,
      byokFeeBasisPoints: Number(byokFeeBasisPoints),
      effectiveFrom: timeText(effectiveFrom),
    });
  },
};

type CardFields = Partial<Pick<PublishRateCardDto, 'models' | 'aliases'>>;

function cardErrors(raw: CardFields): Errors {
  const reader = new NestedReader();
  if (Array.isArray(raw.models) && (raw.aliases === undefined || Array.isArray(raw.aliases))) {
    readCard(reader, raw);
  }
  return reader.errors;
}

const readCard = (reader: NestedReader, { models, aliases = [] }: CardFields) => ({
  models: reader.list('models', models, (raw, path) => readModel(reader, raw, path)),
  aliases: reader.list('aliases', aliases, (raw, path) => {
    const { alias, model } = reader.record(path, raw, ALIAS_FIELDS);
    return { alias: reader.text(`${path}.alias`, alias), model: reader.text(`${path}.model`, model) };
  }),
});

function readModel(reader: NestedReader, raw: unknown, path: string): PublishedModel {
  const { model, input, output, cacheRead, cacheWrite, customers } = reader.record(path, raw, MODEL_FIELDS);
  return {
    model: reader.text(`${path}.model`, model),
    input: reader.amount(`${path}.input`, input),
    output: reader.amount(`${path}.output`, output),
    ...(cacheRead === undefined ? {} : { cacheRead: reader.amount(`${path}.cacheRead`, cacheRead) }),
    ...(cacheWrite === undefined ? {} : { cacheWrite: reader.amount(`${path}.cacheWrite`, cacheWrite) }),
    ...(customers === undefined ? {} : { customers: readCustomers(reader, customers, `${path}.customers`) }),
  };
}

const readCustomers = (reader: NestedReader, raw: unknown, path: string): ReadonlySet<string> =>
  new Set(reader.list(path, raw, (userId, at) => reader.text(at, userId)));
