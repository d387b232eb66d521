import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Text of a `.sql` file of this room; the build copies them beside the compiled code. */
export const payoutsSql = (file: string): string =>
  readFileSync(join(import.meta.dirname, 'sql', `${file}.sql`), 'utf8');

/** A prepared statement whose text is the file of the same name. */
export const statement = (name: string): { readonly name: string; readonly text: string } => ({
  name: `payouts-${name}`,
  text: payoutsSql(name),
});
