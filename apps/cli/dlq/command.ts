import { userInfo } from 'node:os';
import { type Command, InvalidArgumentError } from 'commander';
import { ParkedMessages } from '#libs/messaging/parked-messages.js';
import { createPool } from '#libs/platform/postgres.js';
import type { CommandContext } from '../context.js';
import { CliError, EXIT } from '../failure.js';
import { type LedgerDatabase, withDatabase } from '../with-database.js';
import { retry } from './retry.js';
import { listText, showText } from './texts.js';

const WAIT_SECONDS = 10;
const WAIT_SECONDS_MAX = 3_600;
const NO_TABLE = '42P01';

interface ListFlags {
  readonly consumer?: string;
  readonly json?: boolean;
}

interface ShowFlags {
  readonly all?: boolean;
  readonly json?: boolean;
}

interface RetryFlags {
  readonly all?: boolean;
  readonly wait: number;
}

interface DropFlags {
  readonly reason: string;
  readonly by: string;
}

export function addDeadLetters(program: Command, context: CommandContext): void {
  const dlq = program
    .command('dlq')
    .summary('messages that a worker has put aside: list, show, retry, drop')
    .description(
      'A message that a worker cannot handle waits with the later ones of its stream, while all others go on. ' +
        'Works on DATABASE_URL, else on the engine of DATA_DIR, which is started for it when none runs.',
    );
  addList(dlq, context);
  addShow(dlq, context);
  addRetry(dlq, context);
  addDrop(dlq, context);
}

function addList(dlq: Command, context: CommandContext): void {
  dlq
    .command('list')
    .summary('streams that wait: why, since when, how many messages')
    .option('--consumer <name>', 'only of this one, for example notifications')
    .option('--json', 'print one line of JSON')
    .action(({ consumer, json }: ListFlags) =>
      withParked(context, async (parked) => {
        const streams = await parked.list(consumer);
        context.stdout.write(
          `${json ? JSON.stringify(streams) : listText(streams, await parked.consumers())}\n`,
        );
      }),
    );
}

function addShow(dlq: Command, context: CommandContext): void {
  dlq
    .command('show')
    .argument('<consumer>')
    .argument('<stream>', 'for example wallet-u-1, as listed')
    .summary('the whole messages of a stream, and the history of their tries')
    .option('--all', 'also those handled or dropped since')
    .option('--json', 'print one line of JSON')
    .action((consumer: string, stream: string, { all = false, json }: ShowFlags) =>
      withParked(context, async (parked) => {
        const messages = await parked.show({ consumer, stream }, { all });
        if (messages.length === 0)
          throw new CliError(`Nothing of ${consumer} waits in ${stream}: see ledger dlq list.`, EXIT.refused);
        context.stdout.write(`${json ? JSON.stringify(messages) : showText(messages)}\n`);
      }),
    );
}

function addRetry(dlq: Command, context: CommandContext): void {
  dlq
    .command('retry')
    .argument('<consumer>')
    .argument('[stream]', 'one stream, as listed')
    .summary('let the worker try again, from the first message of the stream')
    .description(
      'Marks what waits; the worker handles it in order, and what arrives meanwhile behind it. Safe to repeat. ' +
        'Exits with 1 when something is parked again.',
    )
    .option('--all', 'every stream of the consumer')
    .option('--wait <seconds>', 'how long to look on', parseSeconds, WAIT_SECONDS)
    .action((consumer: string, stream: string | undefined, { all, wait }: RetryFlags) => {
      if ((stream === undefined) !== (all === true))
        throw new CliError('Name one stream to retry, or --all for every stream of the consumer.');
      return withParked(context, (parked, { isStartedHere }) =>
        retry(parked, { consumer, stream, waitSeconds: wait, isWorkerStarting: isStartedHere }, context),
      );
    });
}

function addDrop(dlq: Command, context: CommandContext): void {
  dlq
    .command('drop')
    .argument('<consumer>')
    .argument('<message>', 'id of the message, as listed')
    .summary('give a message up, on record; its stream goes on with the next')
    .requiredOption('--reason <text>', 'why, for the record', parseReason)
    .option('--by <name>', 'who, for the record', userInfo().username)
    .action((consumer: string, messageId: string, { reason, by }: DropFlags) =>
      withParked(context, async (parked) => {
        if (!(await parked.drop({ consumer, messageId, reason, by })))
          throw new CliError(
            `No message ${messageId} of ${consumer} waits: it was handled or dropped, or never parked.`,
            EXIT.refused,
          );
        context.stdout.write(`Dropped ${messageId}, on record as done by ${by}: ${reason}\n`);
      }),
    );
}

async function withParked(
  context: CommandContext,
  work: (parked: ParkedMessages, database: LedgerDatabase) => Promise<void>,
): Promise<void> {
  await withDatabase(context, async (database) => {
    const pool = createPool({ url: database.url, applicationName: 'ledger-dlq', max: 1 });
    try {
      await work(new ParkedMessages(pool), database);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === NO_TABLE)) throw error;
      throw new CliError(
        'No ledger has run on this database yet, or only an older version: start one first.',
      );
    } finally {
      await pool.end();
    }
  });
}

function parseSeconds(raw: string): number {
  const seconds = /^\d{1,4}$/.test(raw) ? Number(raw) : NaN;
  if (seconds <= WAIT_SECONDS_MAX) return seconds;
  throw new InvalidArgumentError(`Expected whole seconds from 0 to ${WAIT_SECONDS_MAX}.`);
}

function parseReason(raw: string): string {
  if (raw.trim() !== '') return raw.trim();
  throw new InvalidArgumentError('Say why it is given up.');
}
