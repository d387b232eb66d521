// Writes docs/reference/configuration.md and .env.example from the declared variables.
// It compiles the files it needs by itself, so that it also works while the rest does not build.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { transformFile } from '@swc/core';

const ROOT = join(import.meta.dirname, '..');
const FILES = [
  'config-parsers',
  'config-core',
  'config-cluster',
  'config-workers',
  'config-variables',
  'config-docs',
];

const folder = mkdtempSync(join(tmpdir(), 'promptflow-config-docs-'));
try {
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  for (const file of FILES) {
    const { code } = await transformFile(join(ROOT, 'libs', 'platform', `${file}.ts`), {
      jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
    });
    writeFileSync(join(folder, `${file}.js`), code);
  }
  const docs = await import(pathToFileURL(join(folder, 'config-docs.js')).href);
  mkdirSync(join(ROOT, 'docs', 'reference'), { recursive: true });
  writeFileSync(join(ROOT, 'docs', 'reference', 'configuration.md'), docs.configurationReference());
  writeFileSync(join(ROOT, '.env.example'), docs.envExample());
  console.log('Wrote docs/reference/configuration.md and .env.example');
} finally {
  rmSync(folder, { recursive: true });
}
