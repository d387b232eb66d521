import { Command } from '@nestjs/cqrs';
import type {
  ActivatePolicyCommand,
  CatalogueCommand,
  PublishPlansCommand,
  PublishRateCardCommand,
} from '#libs/ledger/catalogue/commands.js';
import type { CatalogueEvent } from '#libs/ledger/catalogue/events.js';
import type { Envelope } from '../envelope.js';
import type { Outcome } from '../outcome.js';

export type CatalogueOutcome = Outcome<CatalogueEvent>;

/** A publication on its way over the bus, which finds its handler by the class. */
export abstract class CatalogueRequest<C extends CatalogueCommand> extends Command<CatalogueOutcome> {
  constructor(
    readonly envelope: Envelope,
    readonly command: C,
  ) {
    super();
  }
}

export class PublishRateCard extends CatalogueRequest<PublishRateCardCommand> {}
export class ActivatePolicy extends CatalogueRequest<ActivatePolicyCommand> {}
export class PublishPlans extends CatalogueRequest<PublishPlansCommand> {}
