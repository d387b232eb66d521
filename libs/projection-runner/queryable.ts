import type { ClientBase, Pool } from 'pg';

/** What reads a read model: a pool, or a client inside a transaction. */
export type Queryable = Pick<Pool, 'query'> | Pick<ClientBase, 'query'>;
