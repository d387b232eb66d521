import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Text of a `.sql` file beside the code that uses it; the build copies them along. */
export function sqlFile(directory: string, file: string): string {
  return readFileSync(join(directory, file), 'utf8');
}

/** Text of a `.sql` file of this room. */
export const runnerSql = (file: string): string => sqlFile(import.meta.dirname, `sql/${file}`);
