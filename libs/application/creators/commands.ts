import { Command } from '@nestjs/cqrs';
import type * as creator from '#libs/ledger/creator/commands.js';
import type { CreatorEvent } from '#libs/ledger/creator/events.js';
import type { Envelope } from '../envelope.js';
import type { Outcome } from '../outcome.js';

export type CreatorOutcome = Outcome<CreatorEvent>;

/** A creator command on its way over the bus. The bus finds its handler by the class, so each command has one. */
export abstract class CreatorRequest<C extends creator.CreatorCommand> extends Command<CreatorOutcome> {
  constructor(
    readonly envelope: Envelope,
    readonly command: C,
  ) {
    super();
  }
}

export class VerifyPayoutDestination extends CreatorRequest<creator.VerifyPayoutDestination> {}
export class RequestPayout extends CreatorRequest<creator.RequestPayout> {}
export class MarkPayoutSent extends CreatorRequest<creator.MarkPayoutSent> {}
export class MarkPayoutSettled extends CreatorRequest<creator.MarkPayoutSettled> {}
export class MarkPayoutFailed extends CreatorRequest<creator.MarkPayoutFailed> {}
