import { type Command, InvalidArgumentError } from 'commander';
import type { ChosenModel } from '#libs/application/rate-card-import/price-map.js';
import type { CommandContext } from '../context.js';
import { MODEL_PATTERN, parseUrl } from '../import-usage/options.js';
import { parseMoment } from '../pricing/publish.js';
import { withLedger } from '../with-ledger.js';
import type { CardsReply } from './cards.js';
import { type ImportFlags, importRateCard } from './import.js';
import { cardsText } from './list.js';

const URL_TEXT = 'a running ledger; else LEDGER_URL, else the engine on DATA_DIR, started if need be';

interface ListFlags {
  readonly url?: string;
  readonly json?: boolean;
}

export function addRateCards(program: Command, context: CommandContext): void {
  const cards = program
    .command('rate-cards')
    .summary('list the rate cards, or import one from a community price map')
    .description(
      'Lists the rate cards with their rates in US dollars per 1,000,000 tokens, and what prices runs.',
    )
    .option('--url <url>', URL_TEXT, parseUrl)
    .option('--json', 'print the answer of GET /api/rate-cards: rates in credits per 1,000,000 tokens')
    .action(({ url, json }: ListFlags) =>
      withLedger({ url, context }, async (ledger) => {
        const reply = await ledger.ask<CardsReply>({ method: 'GET', path: '/api/rate-cards' });
        context.stdout.write(`${json ? JSON.stringify(reply) : cardsText(reply)}\n`);
      }),
    );
  cards
    .command('import')
    .argument('<file>', "price map in LiteLLM's JSON form: dollars a token, read digit by digit")
    .summary('make a rate card of a price map; shows the difference first')
    .description(
      'Shows what the prices of a map would change of the card in force, and publishes them only with --yes.',
    )
    .requiredOption('--id <id>', 'rate card to publish: a known one gets its next version')
    .option('--effective-from <time>', 'in UTC, at least 60 s ahead (default: 70 s ahead)', parseMoment)
    .option('--models <names>', 'only these, by the name in the map; ours=theirs renames one', parseChoice)
    .option('--without <names>', 'names in the map to leave out', parseNames)
    .option('--keep', 'models of the card in force that the map does not price stay as they are')
    .option('--yes', 'publish it')
    .option('--url <url>', URL_TEXT, parseUrl)
    .option(
      '--json',
      'print difference and outcome as one line of JSON, rates in credits per 1,000,000 tokens',
    )
    .addHelpText('after', AFTER_HELP)
    // The command it belongs to has options of the same names; what is typed behind `import` may land there.
    .action((file: string, _flags: ImportFlags, command: Command) =>
      importRateCard(file, command.optsWithGlobals<ImportFlags>(), context),
    );
}

const AFTER_HELP = `
Exit code: 0 shown or published, 1 something was refused, 2 it could not run.`;

const parseNames = (raw: string): readonly string[] => raw.split(',').map((name) => name.trim());

function parseChoice(raw: string): readonly ChosenModel[] {
  return parseNames(raw).map((text) => {
    const at = text.indexOf('=');
    const [model, inMap] = at === -1 ? [text, text] : [text.slice(0, at), text.slice(at + 1)];
    if (inMap === '' || !MODEL_PATTERN.test(model)) {
      throw new InvalidArgumentError(
        `${JSON.stringify(text)} is not a model name. Expected names separated by commas, for example gpt-4,deepseek=deepseek/deepseek-chat.`,
      );
    }
    return { model, inMap };
  });
}
