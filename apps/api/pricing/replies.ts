import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { PUBLICATION_STATUSES } from '#libs/ledger/catalogue/status.js';
import { ModelReply, ModelsReply } from '../openapi/read-replies.js';
import { Credits, OptionalCredits, OptionalText, OptionalTime, Text, Time } from '../openapi/reply-fields.js';
import { CostReply } from '../openapi/replies.js';
import { PLAN_SCHEMA } from './publication-fields.js';

const Version = (): PropertyDecorator =>
  ApiProperty({ type: 'integer', description: 'Counts up from 1.', example: 1 });
const Status = (): PropertyDecorator =>
  ApiProperty({
    enum: PUBLICATION_STATUSES,
    description: 'replaced: published again before its time, it never comes into force.',
    example: 'in_force',
  });
const BasisPoints = (): PropertyDecorator =>
  ApiProperty({
    type: 'integer',
    description: "Share of the notional inference asked from runs on the user's own key, in 1/10,000.",
    example: 0,
  });
const EPOCH = '1970-01-01T00:00:00.000Z';

export class QuoteReply extends CostReply {
  @OptionalText(
    'Cite it in a charge or hold to be priced by the same policy and rate card. Absent when another policy was asked for than the one in force.',
    'q1.WyJ0aHJlZS1wYXJ0LXYxIiwic3RhbmRhcmQiXQ.kX3vBq0YJ8m1nT4wZ6r9sD2fG5hL7pQcVbNxAeUiOyM',
  )
  quoteId?: string;

  @OptionalTime('Until when the quote is honoured.')
  expiresAt?: string;
}

export class PricedModelReply extends ModelReply {
  @ApiPropertyOptional({
    type: 'boolean',
    description: 'A custom or private model, for its customers alone. Absent for all others.',
    example: true,
  })
  private?: boolean;
}

export class PricedModelsReply extends ModelsReply {
  @ApiProperty({ type: [PricedModelReply], description: 'Every model that has a price, by name.' })
  declare models: PricedModelReply[];
}

export class PublishedModelReply {
  @Text('Name to request.', 'gpt-4')
  model!: string;

  @Credits('Rate of 1,000,000 input tokens.', '30000000')
  input!: string;

  @Credits('Rate of 1,000,000 output tokens.', '60000000')
  output!: string;

  @OptionalCredits('Rate of 1,000,000 tokens read from the cache; absent: as input.', '30000000')
  cacheRead?: string;

  @OptionalCredits('Rate of 1,000,000 tokens written to the cache; absent: as input.', '30000000')
  cacheWrite?: string;

  @ApiPropertyOptional({ type: 'boolean', description: 'A custom or private model.', example: true })
  private?: boolean;
}

export class AliasReply {
  @Text('Another name.', 'claude-3-opus-200k')
  alias!: string;

  @Text('Model whose rates it has.', 'claude-3-opus')
  model!: string;
}

export class RateCardVersionReply {
  @Text('Rate card.', 'standard')
  id!: string;

  @Version()
  version!: number;

  @Time('When it takes effect.', EPOCH)
  effectiveFrom!: string;

  @Status()
  status!: string;

  @ApiProperty({ type: [PublishedModelReply], description: 'As published.' })
  models!: PublishedModelReply[];

  @ApiProperty({ type: [AliasReply], description: 'Other names of its models.' })
  aliases!: AliasReply[];
}

export class PolicyActivationReply {
  @Text('Pricing policy.', 'three-part-v1')
  policy!: string;

  @Version()
  version!: number;

  @Text('Rate card it prices by, always the version in force.', 'standard')
  rateCard!: string;

  @BasisPoints()
  byokFeeBasisPoints!: number;

  @Time('When it takes effect.', EPOCH)
  effectiveFrom!: string;

  @Status()
  status!: string;
}

export class PricingInForceReply {
  @Text('Pricing policy that runs are priced by now.', 'three-part-v1')
  policy!: string;

  @Text('Rate card it prices by.', 'standard')
  rateCard!: string;

  @Version()
  version!: number;
}

export class RateCardsReply {
  @ApiProperty({ type: PricingInForceReply, description: 'What prices runs now.' })
  pricing!: PricingInForceReply;

  @ApiProperty({
    type: [RateCardVersionReply],
    description: 'Every version of every card, the newest first.',
  })
  rateCards!: RateCardVersionReply[];

  @ApiProperty({ type: [PolicyActivationReply], description: 'Every activation, the newest first.' })
  policies!: PolicyActivationReply[];
}

export class PlanTableReply {
  @Text('Plan table.', 'standard')
  table!: string;

  @Version()
  version!: number;

  @Time('When it takes effect.', EPOCH)
  effectiveFrom!: string;

  @Credits('One plan credit.', '10000')
  planCredit!: string;

  @ApiProperty({
    type: 'object',
    additionalProperties: PLAN_SCHEMA,
    description:
      'FREE, PRO, ELITE, ENTERPRISE; monthly.credits is what a granted plan gives a month, in credits.',
    example: {
      FREE: {
        monthly: { kind: 'granted', planCredits: '10', credits: '100000' },
        privatePrompts: { kind: 'limited', max: 3 },
        testRuns: { kind: 'limited', max: 100 },
        storageBytes: { kind: 'limited', max: 1_000_000_000 },
        models: ['deepseek', 'gpt-3.5-turbo'],
        privateModels: false,
        byok: false,
      },
    },
  })
  plans!: object;
}

export class PlanTablesReply {
  @ApiProperty({ type: PlanTableReply, description: 'The table that holds now.' })
  inForce!: PlanTableReply;

  @ApiProperty({ type: [PlanTableReply], description: 'Those to come, in the order in which they begin.' })
  upcoming!: PlanTableReply[];
}

/** Reply of a command that is about no wallet. */
class PublicationReply {
  @ApiProperty({
    type: [String],
    description: 'The event the command wrote.',
    example: ['5f0c1a2b-3c4d-8e6f-a012-3456789abcde'],
  })
  eventIds!: string[];

  @Text('Position of the event.', 'a1b2c3d4-42')
  position!: string;

  @ApiProperty({
    type: 'boolean',
    description: 'True when the key had taken effect before: this is that first result.',
    example: false,
  })
  replayed!: boolean;
}

export class PublishedReply {
  @Text('What was published.', 'standard')
  id!: string;

  @Version()
  version!: number;

  @Time('When it takes effect.')
  effectiveFrom!: string;
}

export class PublishRateCardReply extends PublicationReply {
  @ApiProperty({ type: PublishedReply, description: 'The new version.' })
  rateCard!: PublishedReply;
}

export class ActivatePolicyReply extends PublicationReply {
  @Text('Pricing policy.', 'graduated-v2')
  policy!: string;

  @Version()
  version!: number;

  @Text('Rate card it prices by.', 'standard')
  rateCard!: string;

  @BasisPoints()
  byokFeeBasisPoints!: number;

  @Time('When it takes effect.')
  effectiveFrom!: string;
}

export class PublishPlansReply extends PublicationReply {
  @ApiProperty({ type: PublishedReply, description: 'The new version.' })
  table!: PublishedReply;
}
