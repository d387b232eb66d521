import type { PoolClient } from 'pg';
import type { PublicEvent } from '#libs/contracts/public/public-event.js';
import type { Consumer, Handled } from './consumer.js';
import { asError, HandlerOverdueError } from './errors.js';
import { isInfrastructureFault } from './infrastructure-fault.js';

/** Less than Postgres lets a transaction stand idle: the message is to blame then, not the connection. */
export const HANDLER_MS_MAX = 8_000;

/**
 * Deferred constraints would speak up only at the commit, when it is too late to tell which message broke them. They
 * are asked now, and put back as they were.
 */
const CHECK_AND_RELEASE =
  'savepoint checked; set constraints all immediate; rollback to savepoint checked; release savepoint message';

export type Tried =
  | { readonly kind: 'handled'; readonly handled: Handled }
  | { readonly kind: 'failed'; readonly error: Error };

export interface TryOptions {
  readonly consumer: Consumer;
  readonly client: PoolClient;
  /** Handlers that did not end before, by the id of the message: they are not called again. */
  readonly overdue: ReadonlyMap<string, HandlerOverdueError>;
  readonly handlerMsMax?: number;
}

/**
 * Calls the handler inside the caller's transaction; what it wrote is undone when it fails.
 * @throws HandlerOverdueError, and what kept Postgres from it: the transaction is lost then
 */
export async function tryHandle(event: PublicEvent, options: TryOptions): Promise<Tried> {
  const { client, overdue } = options;
  const late = overdue.get(event.id);
  if (late) return { kind: 'failed', error: late };
  await client.query('savepoint message');
  try {
    const handled = await handleInTime(event, options);
    await client.query(CHECK_AND_RELEASE);
    return { kind: 'handled', handled };
  } catch (error) {
    if (error instanceof HandlerOverdueError || isInfrastructureFault(error)) throw error;
    // A connection that is gone says so here.
    await client.query('rollback to savepoint message');
    return { kind: 'failed', error: asError(error) };
  }
}

/** Calls the handler without a way back: what it throws costs the whole transaction. */
export async function handleInTime(
  event: PublicEvent,
  { consumer, client, handlerMsMax = HANDLER_MS_MAX }: TryOptions,
): Promise<Handled> {
  let timer: NodeJS.Timeout | undefined;
  const overdue = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new HandlerOverdueError(event.id, handlerMsMax)), handlerMsMax);
  });
  try {
    return await Promise.race([consumer.handle(event, client), overdue]);
  } finally {
    clearTimeout(timer);
  }
}
