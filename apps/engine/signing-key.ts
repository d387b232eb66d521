import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '#libs/platform/config.js';

const KEY_BYTES = 32;
const OWNER_ONLY = 0o600;

/**
 * The key that signs quotes and cursors: the configured one, or one made once and kept under DATA_DIR. The text of that
 * file, given as SIGNING_KEY to other processes or after a move to a database of one's own, is the same key.
 */
export async function signingKeyOf(config: Config): Promise<Uint8Array> {
  if (config.signingKey !== undefined) return Buffer.from(config.signingKey);
  // With a database of one's own nothing is written under DATA_DIR; quotes and cursors then live as long as the process.
  if (config.databaseUrl !== undefined) return randomBytes(KEY_BYTES);
  const file = join(config.dataDir, 'signing.key');
  await mkdir(config.dataDir, { recursive: true });
  await writeFile(file, randomBytes(KEY_BYTES).toString('base64url'), { mode: OWNER_ONLY, flag: 'wx' }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    },
  );
  return Buffer.from((await readFile(file, 'utf8')).trim());
}
