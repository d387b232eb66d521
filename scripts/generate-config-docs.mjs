// Writes docs/reference/configuration.md and .env.example from the declared variables.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildIfStale } from './build-if-stale.mjs';

const ROOT = join(import.meta.dirname, '..');

await buildIfStale();
const { configurationReference, envExample } = await import('../dist/libs/platform/config-docs.js');
mkdirSync(join(ROOT, 'docs', 'reference'), { recursive: true });
writeFileSync(join(ROOT, 'docs', 'reference', 'configuration.md'), configurationReference());
writeFileSync(join(ROOT, '.env.example'), envExample());
console.log('Wrote docs/reference/configuration.md and .env.example');
