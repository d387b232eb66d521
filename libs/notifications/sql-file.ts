import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A prepared statement of this room: its text is `sql/<name>.sql`; the build copies them beside the compiled code. */
export function statement(name: string): { readonly name: string; readonly text: string } {
  const text = readFileSync(join(import.meta.dirname, 'sql', `${name}.sql`), 'utf8');
  return { name: `notifications-${name}`, text };
}
