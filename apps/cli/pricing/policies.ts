import { type Command, InvalidArgumentError } from 'commander';
import type { CommandContext } from '../context.js';
import { parseUrl } from '../import-usage/options.js';
import { withLedger } from '../with-ledger.js';
import { defaultEffectiveFrom, parseMoment, publish } from './publish.js';

const BASIS_POINTS = /^(0|[1-9][0-9]{0,3}|10000)$/;

interface ActivateFlags {
  readonly rateCard: string;
  readonly byokFee?: number;
  readonly effectiveFrom?: string;
  readonly url?: string;
  readonly json?: boolean;
}

interface ActivateReply {
  readonly policy: string;
  readonly version: number;
  readonly rateCard: string;
  readonly byokFeeBasisPoints: number;
  readonly effectiveFrom: string;
}

export function addPolicies(program: Command, context: CommandContext): void {
  program
    .command('policies')
    .summary('say by which policy and rate card runs are priced from when on')
    .command('activate')
    .argument('<policy>', 'pricing policy: three-part-v1, graduated-v2 or token-credits-v0')
    .description('Prices runs by this policy over a rate card, from a moment on until another activation.')
    .requiredOption('--rate-card <id>', 'rate card it prices by, always the version in force')
    .option(
      '--byok-fee <basis points>',
      'share of inference asked from runs on own keys, 1/10,000',
      parseBasisPoints,
    )
    .option('--effective-from <time>', 'in UTC, at least 60 s ahead (default: 70 s ahead)', parseMoment)
    .option('--url <url>', 'a running ledger; else LEDGER_URL, else the engine on DATA_DIR', parseUrl)
    .option('--json', 'print the answer as one line of JSON')
    .action((policy: string, flags: ActivateFlags) => activate(policy, flags, context));
}

async function activate(policy: string, flags: ActivateFlags, context: CommandContext): Promise<void> {
  const { rateCard, byokFee, effectiveFrom, url, json } = flags;
  const reply = await withLedger({ url, context }, (ledger) =>
    publish<ActivateReply>(ledger, '/api/pricing/policies', {
      policy,
      rateCard,
      effectiveFrom: effectiveFrom ?? defaultEffectiveFrom(),
      ...(byokFee === undefined ? {} : { byokFeeBasisPoints: byokFee }),
    }),
  );
  const byok =
    reply.byokFeeBasisPoints === 0 ? '' : `, ${reply.byokFeeBasisPoints / 100} % of inference on own keys`;
  context.stdout.write(
    json
      ? `${JSON.stringify(reply)}\n`
      : `Runs are priced by ${reply.policy} over rate card ${reply.rateCard} from ${reply.effectiveFrom} on${byok}.\n`,
  );
}

function parseBasisPoints(raw: string): number {
  if (!BASIS_POINTS.test(raw))
    throw new InvalidArgumentError('Expected a whole number from 0 to 10000; 250 is 2.5 %.');
  return Number(raw);
}
