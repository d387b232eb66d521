import {
  AppendOutcomeUnknownError,
  AppendSizeError,
  StoreUnavailableError,
} from '#libs/event-store/errors.js';
import { CommandTooLargeFault, OutcomeUnknownFault, OverloadedFault } from './outcome.js';

/** What a caller is told when the store failed: nothing written, in doubt, or a fault of ours as it is. */
export function asFault(error: unknown, stream: string): Error {
  if (error instanceof StoreUnavailableError) {
    return new OverloadedFault('The event store cannot be reached: nothing was written, try again.', {
      cause: error,
    });
  }
  if (error instanceof AppendOutcomeUnknownError) {
    return new OutcomeUnknownFault(
      `An append to ${stream} is in doubt: send the command again under the same key.`,
      { cause: error },
    );
  }
  if (error instanceof AppendSizeError) return new CommandTooLargeFault(error.message, { cause: error });
  return error instanceof Error ? error : new Error(String(error));
}
