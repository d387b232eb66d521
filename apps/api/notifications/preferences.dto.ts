import { ADDRESS_EXPECTED, isMailAddress } from '#libs/notifications/mail/address.js';
import { CHANNELS, LOCALES, NOTE_KINDS, type NoteKind } from '#libs/notifications/kinds.js';
import type { ChosenChannels } from '#libs/notifications/preferences.js';
import type { Errors } from '../commands/to-command.js';
import { NestedReader } from '../pricing/nested.js';
import { FlagField, IdField, ObjectField, OneOfField } from '../validation/fields.js';
import { Field, type Rule } from '../validation/rule.js';

const isAddressOrNull: Rule = {
  name: 'isAddressOrNull',
  message: `must be ${ADDRESS_EXPECTED}, or null for none`,
  test: (value) => value === null || isMailAddress(value),
};

export class PreferencesDto {
  @IdField({ description: 'Whose they are.', example: 'u-1' })
  userId!: string;

  @Field(
    [isAddressOrNull],
    {},
    {
      type: 'string',
      nullable: true,
      maxLength: 254,
      description: 'Where mails go. null: nowhere, and an earlier address is erased.',
      example: 'bea@example.com',
    },
  )
  email!: string | null;

  @FlagField({
    description: 'Whether you have made sure that the address is the user’s. Default false.',
    example: true,
    optional: true,
  })
  emailVerified?: boolean;

  @OneOfField(LOCALES, { description: 'Language of texts.', example: 'en', optional: true })
  locale?: string;

  @ObjectField({
    description:
      'By kind, the channels that differ from the default. announcement: {email: false} is the opt-out of campaign mails.',
    example: { monthly_credits: { email: true }, announcement: { email: false } },
    optional: true,
  })
  channels?: object;
}

interface Chosen {
  readonly errors: Errors;
  readonly channels: ChosenChannels;
}

/** What was chosen by kind, each fault by its path, such as `channels.low_balance.email`. */
export function chosenChannels(raw: unknown): Chosen {
  const reader = new NestedReader();
  if (raw === null || typeof raw !== 'object' || Array.isArray(raw)) return { errors: [], channels: {} };
  const kinds = reader.record('channels', raw, NOTE_KINDS);
  const channels: Partial<Record<NoteKind, Record<string, boolean>>> = {};
  for (const kind of NOTE_KINDS) {
    const given = kinds[kind];
    if (given === undefined) continue;
    const path = `channels.${kind}`;
    const flags = reader.record(path, given, CHANNELS);
    channels[kind] = Object.fromEntries(
      CHANNELS.filter((channel) => flags[channel] !== undefined).map((channel) => [
        channel,
        reader.flag(`${path}.${channel}`, flags[channel]),
      ]),
    );
  }
  return { errors: reader.errors, channels };
}
