import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Text of a `.sql` file of this room; the build copies them beside the compiled code. */
export function messagingSql(file: string): string {
  return readFileSync(join(import.meta.dirname, 'sql', file), 'utf8');
}
