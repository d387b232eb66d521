// Writes docs/reference/refusals.md from the table of refusals, which is also a test.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildIfStale } from './build-if-stale.mjs';

await buildIfStale();
const { refusalsReference } = await import('../dist/test/refusals/document.js');
writeFileSync(join(import.meta.dirname, '..', 'docs', 'reference', 'refusals.md'), refusalsReference());
console.log('Wrote docs/reference/refusals.md');
