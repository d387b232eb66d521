import { readFile } from 'node:fs/promises';
import type { CommandContext } from '../context.js';
import { CliError, EXIT } from '../failure.js';
import { CsvReader } from '../files/csv.js';
import { type Ledger, withLedger } from '../with-ledger.js';

interface SettleOptions {
  readonly url: string | undefined;
  readonly context: CommandContext;
}

interface Line {
  readonly line: number;
  readonly creatorId: string;
  readonly payoutId: string;
}

/** Records every payout of a bank file as settled, each under a key of its own: a repetition changes nothing. */
export async function settleFile(file: string, { url, context }: SettleOptions): Promise<void> {
  const lines = linesOf(file, await textOf(file));
  const refused: string[] = [];
  let before = 0;
  await withLedger({ url, context }, async (ledger) => {
    for (const line of lines) {
      const outcome = await settle(ledger, line);
      if (typeof outcome === 'string') refused.push(`line ${line.line}: ${line.payoutId}: ${outcome}`);
      else if (outcome.replayed) before += 1;
    }
  });
  const settled = lines.length - refused.length;
  const again = before === 0 ? '' : `, ${before} of them before`;
  context.stdout.write(`${settled} of ${lines.length} payouts are settled${again}.\n`);
  if (refused.length === 0) return;
  throw new CliError(`Refused:\n${refused.map((text) => `  ${text}`).join('\n')}`, EXIT.refused);
}

async function settle(
  ledger: Ledger,
  { creatorId, payoutId }: Line,
): Promise<{ readonly replayed: boolean } | string> {
  try {
    return await ledger.ask<{ readonly replayed: boolean }>({
      method: 'POST',
      path: `/api/creators/${encodeURIComponent(creatorId)}/payouts/${encodeURIComponent(payoutId)}/settled`,
      body: {},
      idempotencyKey: `settle:${payoutId}`,
    });
  } catch (error) {
    if (!(error instanceof CliError) || error.exitCode !== EXIT.refused) throw error;
    return error.message.replaceAll('\n', ' ');
  }
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new CliError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** @throws CliError naming the line that is wrong: nothing of such a file is settled */
function linesOf(file: string, text: string): readonly Line[] {
  const reader = new CsvReader();
  const [header, ...records] = [...reader.push(text), ...reader.end()];
  const payoutAt = header?.cells.indexOf('payout_id') ?? -1;
  const creatorAt = header?.cells.indexOf('creator_id') ?? -1;
  if (payoutAt === -1 || creatorAt === -1) {
    throw new CliError(`${file}: the first line must name the columns, payout_id and creator_id among them.`);
  }
  return records.map(({ line, cells, problem }) => {
    const [payoutId = '', creatorId = ''] = [cells[payoutAt], cells[creatorAt]];
    if (problem !== undefined || payoutId === '' || creatorId === '') {
      throw new CliError(`${file}, line ${line}: ${problem ?? 'payout_id or creator_id is empty'}.`);
    }
    return { line, creatorId, payoutId };
  });
}
