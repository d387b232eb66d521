import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { ActivatePolicyCommand, CatalogueCommand } from '#libs/ledger/catalogue/commands.js';
import { invalidField, type Refusal } from '#libs/ledger/refusal.js';
import type { Envelope } from '../envelope.js';
import { ActivatePolicy, type CatalogueOutcome, PublishPlans, PublishRateCard } from './commands.js';
import { type CatalogueExecutor, streamOf } from './definition.js';
import type { CatalogueFollower } from './follower.js';

/** What every publication needs: the way to its stream, and the catalogue that shows it afterwards. */
export class Publisher {
  constructor(
    private readonly executor: CatalogueExecutor,
    readonly catalogue: CatalogueFollower,
  ) {}

  preview(envelope: Envelope, command: CatalogueCommand): Promise<CatalogueOutcome> {
    return this.executor.preview(streamOf(command), envelope, command);
  }

  async publish(envelope: Envelope, command: CatalogueCommand): Promise<CatalogueOutcome> {
    const outcome = await this.executor.execute(streamOf(command), envelope, command);
    // Whoever published sees it listed at once, in this process at least; a failed reading is repeated by itself.
    if (outcome.kind === 'done') await this.catalogue.refresh().catch(() => undefined);
    return outcome;
  }
}

@CommandHandler(PublishRateCard)
export class PublishRateCardHandler implements ICommandHandler<PublishRateCard> {
  constructor(private readonly publisher: Publisher) {}

  execute({ envelope, command }: PublishRateCard): Promise<CatalogueOutcome> {
    return this.publisher.publish(envelope, command);
  }
}

@CommandHandler(PublishPlans)
export class PublishPlansHandler implements ICommandHandler<PublishPlans> {
  constructor(private readonly publisher: Publisher) {}

  execute({ envelope, command }: PublishPlans): Promise<CatalogueOutcome> {
    return this.publisher.publish(envelope, command);
  }
}

/** Judges what the policy's own stream cannot: that the card is there, and in force by then. */
@CommandHandler(ActivatePolicy)
export class ActivatePolicyHandler implements ICommandHandler<ActivatePolicy> {
  constructor(private readonly publisher: Publisher) {}

  async execute({ envelope, command }: ActivatePolicy): Promise<CatalogueOutcome> {
    const preview = await this.publisher.preview(envelope, command);
    if (preview.kind === 'refused' || preview.replayed) return preview;
    // The card may have been published by another process a moment ago.
    await this.publisher.catalogue.refresh();
    const refusal = this.judgeCard(command);
    return refusal === undefined ? this.publisher.publish(envelope, command) : { kind: 'refused', refusal };
  }

  private judgeCard({ cardId, effectiveFrom }: ActivatePolicyCommand): Refusal | undefined {
    const versions = this.publisher.catalogue.current().rateCards.filter(({ id }) => id === cardId);
    if (versions.length === 0) return { code: 'ratecard.not_found' };
    const earliest = Math.min(...versions.map((card) => card.effectiveFrom));
    if (earliest <= effectiveFrom) return undefined;
    const moment = new Date(earliest).toISOString();
    return invalidField(
      'effectiveFrom',
      `must be ${moment} or later: rate card ${cardId} is not in force before`,
    );
  }
}

/** One instance of every handler, for the CommandBus. */
export function createCatalogueHandlers(
  executor: CatalogueExecutor,
  catalogue: CatalogueFollower,
): readonly ICommandHandler[] {
  const publisher = new Publisher(executor, catalogue);
  return [
    new PublishRateCardHandler(publisher),
    new ActivatePolicyHandler(publisher),
    new PublishPlansHandler(publisher),
  ];
}
