import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { EMBEDDED_SUITES, LEDGER_SUITES } from '../e2e/suites.mjs';

const isNamed = (file: string, names: readonly string[]): boolean =>
  names.some((name) => new RegExp(`^${name.replace('*', '.*')}\\.spec\\.ts$`).test(file));

test('every end-to-end file is either run in both modes or says why it is about the embedded engine', () => {
  const files = readdirSync(join(import.meta.dirname, '..', 'e2e')).filter((file) =>
    file.endsWith('.spec.ts'),
  );
  expect(files.length).toBeGreaterThan(0);
  const embedded = Object.keys(EMBEDDED_SUITES);
  expect(files.filter((file) => isNamed(file, LEDGER_SUITES) === isNamed(file, embedded))).toEqual([]);
});
