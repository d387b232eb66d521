import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { encodeMetadata } from '#libs/contracts/metadata.js';
import { encodeEvent } from '#libs/contracts/stored-events.js';
import { AppendOutcomeUnknownError, WrongExpectedRevisionError } from '#libs/event-store/errors.js';
import type { EventStore, NewEvent } from '#libs/event-store/port.js';
import type { Credits } from '#libs/kernel/credits.js';
import type { CatalogueEvent } from '#libs/ledger/catalogue/events.js';
import { seedEvents } from '#libs/ledger/catalogue/standard.js';
import { hashBody } from '../body-hash.js';
import { streamOf } from './definition.js';

/** An append of unknown outcome is repeated so often: a start that cannot be sure fails instead of hanging. */
const TRIES_MAX = 10;
const RETRY_DELAY_MS = 200;

/**
 * Gives a log its shipped rate cards, policy and plan table where it lacks them; called at every start, by any number
 * of processes at once. `planCredit` counts only for a log that has no plan table yet: later it is published.
 * @throws StoreUnavailableError, AppendOutcomeUnknownError when the log cannot be written now
 */
export async function seedCatalogue(
  store: EventStore,
  { planCredit }: { readonly planCredit?: Credits } = {},
): Promise<void> {
  for (const event of seedEvents(planCredit)) {
    if (!(await hasEvents(store, streamOf(event)))) await seed(store, event);
  }
}

async function hasEvents(store: EventStore, stream: string): Promise<boolean> {
  for await (const batch of store.readStream(stream, { maxCount: 1 })) if (batch.length > 0) return true;
  return false;
}

async function seed(store: EventStore, event: CatalogueEvent): Promise<void> {
  const stored: NewEvent = {
    id: randomUUID(),
    ...encodeEvent(event),
    metadata: encodeMetadata({
      principal: 'system:seed',
      key: 'seed',
      bodyHash: hashBody('SeedCatalogue', {}),
    }),
  };
  for (let tries = 1; ; tries++) {
    try {
      await store.append(streamOf(event), [stored], { expected: 'no_stream' });
      return;
    } catch (error) {
      // Another process was first: its event says the same.
      if (error instanceof WrongExpectedRevisionError) return;
      if (!(error instanceof AppendOutcomeUnknownError) || tries === TRIES_MAX) throw error;
    }
    await sleep(RETRY_DELAY_MS);
  }
}
