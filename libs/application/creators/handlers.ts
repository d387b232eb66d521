import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { CreatorCommand } from '#libs/ledger/creator/commands.js';
import { creatorStream } from '#libs/ledger/events.js';
import type { CreatorExecutor, WritePath } from '../write-path.js';
import {
  type CreatorOutcome,
  type CreatorRequest,
  MarkPayoutFailed,
  MarkPayoutSent,
  MarkPayoutSettled,
  RequestPayout,
  VerifyPayoutDestination,
} from './commands.js';

type RequestClass<C extends CreatorCommand> = new (
  ...args: ConstructorParameters<typeof CreatorRequest<C>>
) => CreatorRequest<C>;

export interface CreatorCommandHandler<C extends CreatorCommand> {
  execute(request: CreatorRequest<C>): Promise<CreatorOutcome>;
}

/** Handler of a command that goes to the creator's stream. */
export function creatorHandler<C extends CreatorCommand>(
  request: RequestClass<C>,
  creators: CreatorExecutor,
): CreatorCommandHandler<C> {
  @CommandHandler(request)
  class StraightHandler implements CreatorCommandHandler<C> {
    execute({ envelope, command }: CreatorRequest<C>): Promise<CreatorOutcome> {
      return creators.execute(creatorStream(command.creatorId), envelope, command);
    }
  }
  return new StraightHandler();
}

/** One instance of every creator command's handler, for the CommandBus. */
export const createCreatorHandlers = ({
  creators,
}: Pick<WritePath, 'creators'>): readonly ICommandHandler[] => [
  creatorHandler(VerifyPayoutDestination, creators),
  creatorHandler(RequestPayout, creators),
  creatorHandler(MarkPayoutSent, creators),
  creatorHandler(MarkPayoutSettled, creators),
  creatorHandler(MarkPayoutFailed, creators),
];
