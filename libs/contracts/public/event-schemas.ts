import { type FieldSchema, objectKeywords } from './field.js';
import { PUBLIC_EVENTS, type PublicEventType } from './public-event.js';

const DIALECT = 'https://json-schema.org/draft/2020-12/schema';

/** JSON Schema of the data of one public type, at the top of its file. */
export interface EventSchema extends FieldSchema {
  readonly $schema: string;
  readonly $id: string;
  readonly title: string;
}

/** What the data of an event of this type looks like. Fields that it does not name may be there: they come with time. */
export function schemaOfPublic(type: PublicEventType): EventSchema {
  const { summary, fields } = PUBLIC_EVENTS[type];
  return {
    $schema: DIALECT,
    $id: `urn:${type.replaceAll('.', ':')}`,
    title: type,
    type: 'object',
    description: summary,
    ...objectKeywords(fields),
  };
}

/** The one keyword of ours, as validators must be told: it says what is usual and refuses nothing. */
export const OPEN_WORDS_KEYWORD = 'x-extensible-enum';
