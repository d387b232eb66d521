import { randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Payouts are nobody's business but finance's. */
const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;
const SUFFIX_BYTES = 6;

/** Writes a whole file or none, even when the machine stops in the middle: readers never see a part of it. */
export async function writeFileWhole(path: string, text: string): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true, mode: FOLDER_MODE });
  const draft = join(folder, `.${randomBytes(SUFFIX_BYTES).toString('hex')}.draft`);
  try {
    const file = await open(draft, 'wx', FILE_MODE);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
  // The name itself lasts only when the folder is on disk too.
  const opened = await open(folder, 'r');
  try {
    await opened.sync();
  } finally {
    await opened.close();
  }
}
