import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Folder of the checkout, where package.json and examples/ are: the same from the sources and from the build. */
export const PROJECT_ROOT = rootAbove(import.meta.dirname);

function rootAbove(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder;
  const above = dirname(folder);
  if (above === folder)
    throw new Error('No package.json was found above the program: run it from a checkout.');
  return rootAbove(above);
}
