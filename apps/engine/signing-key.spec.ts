import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '#libs/platform/config.js';
import { signingKeyOf } from './signing-key.js';

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'signing-key-'));
});
afterEach(() => rm(dataDir, { recursive: true }));

test('the key made under DATA_DIR stays, and is the same key when the text of its file is given as SIGNING_KEY', async () => {
  const made = await signingKeyOf(loadConfig({ DATA_DIR: dataDir }));
  expect(await signingKeyOf(loadConfig({ DATA_DIR: dataDir }))).toEqual(made);

  const text = (await readFile(join(dataDir, 'signing.key'), 'utf8')).trim();
  const elsewhere = { DATABASE_URL: 'postgres://ledger@localhost/ledger', SIGNING_KEY: text };
  expect(await signingKeyOf(loadConfig(elsewhere))).toEqual(made);
});
