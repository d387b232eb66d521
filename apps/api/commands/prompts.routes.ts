import { ChangePrompt, CreatePrompt, DeletePrompt } from '#libs/application/commands/commands.js';
import type { PromptId, UserId } from '#libs/kernel/ids.js';
import type {
  ChangePromptCommand,
  CreatePromptCommand,
  DeletePromptCommand,
} from '#libs/ledger/wallet/commands.js';
import type { WalletEvent } from '#libs/ledger/wallet/events.js';
import type { CommandRoute } from './command-gate.js';
import { ChangePromptDto, CreatePromptDto, DeletePromptDto } from './prompts.dto.js';
import { membersText, ownEvent } from './reply.js';
import { commandReader, given, NO_ERRORS } from './to-command.js';

export const CREATE: CommandRoute<CreatePromptCommand> = {
  read: commandReader({
    fields: CreatePromptDto,
    command: ({ userId, promptId, visibility, sizeBytes }) => ({
      type: 'CreatePrompt',
      userId: userId as UserId,
      promptId: promptId as PromptId,
      visibility,
      sizeBytes,
    }),
  }),
  request: CreatePrompt,
  about: promptAbout,
};

export const CHANGE: CommandRoute<ChangePromptCommand> = {
  read: commandReader({
    fields: ChangePromptDto,
    path: ['id'],
    judge: ({ visibility, sizeBytes }) =>
      visibility === undefined && sizeBytes === undefined
        ? [{ field: 'body', message: 'must name visibility, sizeBytes or both: there is nothing to change' }]
        : NO_ERRORS,
    command: ({ userId, visibility, sizeBytes }, { id }) =>
      given({
        type: 'ChangePrompt',
        userId: userId as UserId,
        promptId: id as PromptId,
        visibility,
        sizeBytes,
      }),
  }),
  request: ChangePrompt,
  about: promptAbout,
};

export const DELETE: CommandRoute<DeletePromptCommand> = {
  read: commandReader({
    fields: DeletePromptDto,
    from: 'query',
    path: ['id'],
    command: ({ userId }, { id }) => ({
      type: 'DeletePrompt',
      userId: userId as UserId,
      promptId: id as PromptId,
    }),
  }),
  request: DeletePrompt,
  about: (events) => {
    const deleted = ownEvent(events, 'PromptDeleted');
    return deleted === undefined ? '' : membersText({ promptId: deleted.promptId });
  },
};

function promptAbout(events: readonly WalletEvent[]): string {
  const kept = ownEvent(events, 'PromptCreated', 'PromptChanged');
  if (kept === undefined) return '';
  const { promptId, visibility, sizeBytes } = kept;
  return membersText({ promptId, visibility, sizeBytes });
}
