import { PROMPT_VISIBILITIES, type PromptVisibility } from '#libs/ledger/wallet/vocabulary.js';
import { IdField, OneOfField, WholeField } from '../validation/fields.js';

const SIZE_BYTES_MAX = 10 ** 15;
const VISIBILITY = 'Private prompts are limited by the plan.';
const SIZE = 'Size in bytes; all prompts of a user share the storage of the plan.';

export class CreatePromptDto {
  @IdField({ description: 'User who keeps the prompt.', example: 'u-1' })
  userId!: string;

  @IdField({ description: 'Prompt id, unique among the prompts of the user.', example: 'prompt-9' })
  promptId!: string;

  @OneOfField(PROMPT_VISIBILITIES, { description: VISIBILITY, example: 'private' })
  visibility!: PromptVisibility;

  @WholeField({ description: SIZE, example: 2_048, min: 0, max: SIZE_BYTES_MAX })
  sizeBytes!: number;
}

export class ChangePromptDto {
  @IdField({ description: 'User who keeps the prompt.', example: 'u-1' })
  userId!: string;

  @OneOfField(PROMPT_VISIBILITIES, {
    description: `${VISIBILITY} Default: as it is.`,
    example: 'public',
    optional: true,
  })
  visibility?: PromptVisibility;

  @WholeField({
    description: `${SIZE} Default: as it is.`,
    example: 4_096,
    min: 0,
    max: SIZE_BYTES_MAX,
    optional: true,
  })
  sizeBytes?: number;
}

/** Query parameters. */
export class DeletePromptDto {
  @IdField({ description: 'User who keeps the prompt.', example: 'u-1' })
  userId!: string;
}
