import type { Command } from 'commander';
import { openEventStore } from '#apps/engine/open-event-store.js';
import type { EventStore } from '#libs/event-store/port.js';
import { RebuildRunningError } from '#libs/projection-runner/errors.js';
import type { Projection } from '#libs/projection-runner/projection.js';
import { rebuildProjection } from '#libs/projection-runner/rebuild.js';
import { ALL_PROJECTIONS } from '#projections/all.js';
import type { CommandContext } from './context.js';
import { CliError, EXIT } from './failure.js';
import { Progress } from './import-usage/progress.js';
import { grouped } from './import-usage/summary-text.js';
import { withDatabase } from './with-database.js';

const ALL = 'all';
const NAMES = ALL_PROJECTIONS.map(({ name }) => name).join(', ');

export function addRebuild(program: Command, context: CommandContext): void {
  program
    .command('rebuild')
    .argument('[name]', `read model to rebuild: ${NAMES}, or all`, ALL)
    .summary('rebuild read models from the log, beside the old ones, without a gap for readers')
    .description(
      'Fills a new copy of a read model from the log and swaps it in, while the ledger goes on. Works on DATABASE_URL, ' +
        'else on the engine of DATA_DIR, which is started for it when none runs.',
    )
    .action((name: string) => runRebuild(projectionsOf(name), context));
}

/** @throws CliError for a name that no read model has */
export function projectionsOf(name: string): readonly Projection[] {
  const found = name === ALL ? ALL_PROJECTIONS : ALL_PROJECTIONS.filter((each) => each.name === name);
  if (found.length === 0)
    throw new CliError(`There is no read model "${name}". Expected one of ${NAMES}, or all.`);
  return found;
}

function runRebuild(projections: readonly Projection[], context: CommandContext): Promise<void> {
  return withDatabase(context, async ({ url }) => {
    const store = await openEventStore({ config: context.config(), databaseUrl: url });
    try {
      for (const projection of projections) await rebuildOne(projection, { url, store, context });
    } finally {
      await store.close();
    }
  });
}

interface Place {
  readonly url: string;
  readonly store: EventStore;
  readonly context: CommandContext;
}

async function rebuildOne(projection: Projection, { url, store, context }: Place): Promise<void> {
  const { stdout, stderr, signal } = context;
  const startedAt = performance.now();
  // How far in the log: its length in positions, which are no number of events. Some is written meanwhile.
  const head = Number(await store.head());
  const progress = new Progress(stderr, head, 'positions');
  try {
    const { events } = await rebuildProjection({
      url,
      projection,
      store,
      signal,
      onProgress: (position) => progress.update(Number(position)),
    });
    progress.end(head);
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    stdout.write(`${projection.name}: rebuilt from ${grouped(events)} events in ${seconds} s\n`);
  } catch (error) {
    if (!(error instanceof RebuildRunningError)) throw error;
    throw new CliError(error.message, EXIT.refused);
  }
}
