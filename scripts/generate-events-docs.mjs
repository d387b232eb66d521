// Writes the golden schemas of the public events and docs/reference/events.md. Refuses when a schema has become
// incompatible with its golden file: what consumers were promised is not taken back.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { register } from 'node:module';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';

const ROOT = join(import.meta.dirname, '..');
const FOLDER = join(ROOT, 'libs', 'contracts', 'public', 'golden');

register('./typescript-hooks.mjs', import.meta.url);
const { PUBLIC_EVENT_TYPES } = await import('../libs/contracts/public/public-event.ts');
const { schemaOfPublic } = await import('../libs/contracts/public/event-schemas.ts');
const { incompatibilities } = await import('../libs/contracts/public/compatibility.ts');
const { eventsReference } = await import('../test/support/public-events/document.ts');

const fileOf = (type) => join(FOLDER, `${type}.json`);
const broken = PUBLIC_EVENT_TYPES.flatMap((type) =>
  existsSync(fileOf(type))
    ? incompatibilities(JSON.parse(readFileSync(fileOf(type), 'utf8')), schemaOfPublic(type)).map(
        (problem) => `${type}: ${problem}`,
      )
    : [],
);

if (broken.length > 0) {
  console.error(
    `Consumers rely on these. Put the change into a new version of the type:\n${broken.join('\n')}`,
  );
  process.exitCode = 1;
} else {
  mkdirSync(FOLDER, { recursive: true });
  for (const type of PUBLIC_EVENT_TYPES) {
    const layout = { ...(await resolveConfig(fileOf(type))), filepath: fileOf(type) };
    writeFileSync(fileOf(type), await format(JSON.stringify(schemaOfPublic(type)), layout));
  }
  writeFileSync(join(ROOT, 'docs', 'reference', 'events.md'), eventsReference());
  console.log('Wrote libs/contracts/public/golden and docs/reference/events.md');
}
