// Writes docs/reference/refusals.md from the table of refusals, which is also a test.
// The build leaves tests out, so the table is compiled while it is imported.
import { writeFileSync } from 'node:fs';
import { register } from 'node:module';
import { join } from 'node:path';

register('./typescript-hooks.mjs', import.meta.url);
const { refusalsReference } = await import('../test/refusals/document.ts');
writeFileSync(join(import.meta.dirname, '..', 'docs', 'reference', 'refusals.md'), refusalsReference());
console.log('Wrote docs/reference/refusals.md');
