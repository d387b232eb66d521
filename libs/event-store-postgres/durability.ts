import type { ClientBase } from 'pg';

/** Postgres is set up so that a crash can lose what it has acknowledged, or is no primary. */
export class NotDurableError extends Error {
  override readonly name = 'NotDurableError';
  constructor(
    readonly setting: string,
    problem: string,
  ) {
    super(`Postgres must not keep the ledger: ${problem}`);
  }
}

const MUST_BE_ON = ['fsync', 'full_page_writes', 'synchronous_commit'] as const;

/**
 * Guarantee G1: no acknowledged command is lost. Checked on the very connection that appends, since a role or a
 * database may carry settings of its own.
 * @throws NotDurableError naming the setting
 */
export async function assertDurable(client: ClientBase): Promise<void> {
  const settings = MUST_BE_ON.map((name) => `current_setting('${name}') as ${name}`).join(', ');
  const { rows } = await client.query<Record<string, string | boolean>>(
    `select ${settings}, pg_is_in_recovery() as standby`,
  );
  const row = rows[0]!;
  for (const name of MUST_BE_ON) {
    if (row[name] === 'off') {
      throw new NotDurableError(
        name,
        `its setting ${name} is off, so a crash can lose acknowledged events. Set ${name} = on (server, database and role).`,
      );
    }
  }
  if (row['standby'] === true) {
    throw new NotDurableError('standby', 'this server is a standby. Give the address of the primary.');
  }
}
