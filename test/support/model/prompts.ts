import { type Objection, refusal } from './answers.js';
import type { Command } from './commands.js';
import type { ModelPlan } from './plans.js';
import type { ModelState } from './state.js';

interface More {
  readonly privatePrompts: number;
  readonly bytes: number;
}

export const privatePromptsOf = (state: ModelState): number =>
  [...state.prompts.values()].filter(({ isPrivate }) => isPrivate).length;

export const storageOf = (state: ModelState): number =>
  [...state.prompts.values()].reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);

/** What is there already stays; only what is added must fit. */
function objectionTo(state: ModelState, plan: ModelPlan, more: More): Objection {
  const privatePrompts = privatePromptsOf(state) + more.privatePrompts;
  const bytes = storageOf(state) + more.bytes;
  if (more.privatePrompts > 0 && privatePrompts > plan.privatePrompts)
    return refusal('plan.private_prompts_exhausted');
  if (more.bytes > 0 && bytes > plan.storageBytes) return refusal('plan.storage_exhausted');
  return undefined;
}

export function createPrompt(
  state: ModelState,
  { promptId, visibility, sizeBytes }: Command<'CreatePrompt'>,
  plan: ModelPlan,
): Objection {
  if (state.prompts.has(promptId)) return refusal('prompt.already_exists');
  const isPrivate = visibility === 'private';
  const objection = objectionTo(state, plan, { privatePrompts: isPrivate ? 1 : 0, bytes: sizeBytes });
  if (objection !== undefined) return objection;
  state.prompts.set(promptId, { isPrivate, sizeBytes });
  state.happened += 1;
  return undefined;
}

export function changePrompt(
  state: ModelState,
  { promptId, visibility, sizeBytes }: Command<'ChangePrompt'>,
  plan: ModelPlan,
): Objection {
  const prompt = state.prompts.get(promptId);
  if (prompt === undefined) return refusal('prompt.not_found');
  const isPrivate = visibility === undefined ? prompt.isPrivate : visibility === 'private';
  const size = sizeBytes ?? prompt.sizeBytes;
  const objection = objectionTo(state, plan, {
    privatePrompts: Number(isPrivate) - Number(prompt.isPrivate),
    bytes: size - prompt.sizeBytes,
  });
  if (objection !== undefined) return objection;
  state.prompts.set(promptId, { isPrivate, sizeBytes: size });
  state.happened += 1;
  return undefined;
}

export function deletePrompt(state: ModelState, { promptId }: Command<'DeletePrompt'>): Objection {
  if (!state.prompts.delete(promptId)) return refusal('prompt.not_found');
  state.happened += 1;
  return undefined;
}
