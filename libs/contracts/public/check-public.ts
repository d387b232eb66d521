import { type ErrorObject, type ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { OPEN_WORDS_KEYWORD, schemaOfPublic } from './event-schemas.js';
import type { PublicEventType } from './public-event.js';

const ajv = new Ajv2020({ strict: true });
addFormats.default(ajv);
ajv.addVocabulary([OPEN_WORDS_KEYWORD]);

const compiled = new Map<PublicEventType, ValidateFunction>();

/** What in `data` is not as the schema of the type says, for people; none when it fits. */
export function problemsOfPublic(type: PublicEventType, data: unknown): readonly string[] {
  let validate = compiled.get(type);
  if (validate === undefined) {
    validate = ajv.compile(schemaOfPublic(type));
    compiled.set(type, validate);
  }
  return validate(data) ? [] : (validate.errors ?? []).map(said);
}

const said = ({ instancePath, message = 'is wrong' }: ErrorObject): string =>
  `${instancePath === '' ? 'the record' : instancePath} ${message}`;
