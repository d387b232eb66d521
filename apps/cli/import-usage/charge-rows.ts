import type { LedgerHttp } from '../http/ledger-http.js';
import { BackOff, type Patience, problemText, sendPatiently } from '../http/with-patience.js';
import { CliError } from '../failure.js';
import type { ChargeItem } from './forms.js';
import { outcomeOf, type RowOutcome } from './outcome.js';
import type { UsageRow } from './usage-file.js';

export type ChargeRow = Extract<UsageRow, { kind: 'charge' }>;
export type FinalOutcome = Exclude<RowOutcome, { kind: 'again' }>;

export interface ChargeOptions {
  readonly http: LedgerHttp;
  readonly patience: Patience;
  readonly onOutcome: (row: ChargeRow, outcome: FinalOutcome) => Promise<void>;
}

/**
 * Sends one batch through the bulk endpoint until every row has an outcome. Each row's key is the endpoint's own
 * default, `run:<runId>`, so sending a row again never charges it again.
 * @throws CliError when the ledger refuses the bulk as a whole, or patience has ended
 */
export async function chargeBatch(rows: readonly ChargeRow[], options: ChargeOptions): Promise<void> {
  const { http, patience, onOutcome } = options;
  const backOff = new BackOff(http.url, patience);
  for (let left = rows; left.length > 0;) {
    const outcomes = await sendBulk(
      left.map(({ item }) => item),
      options,
    );
    const again: ChargeRow[] = [];
    let reason = '';
    for (const [i, outcome] of outcomes.entries()) {
      const row = left[i]!;
      if (outcome.kind === 'again') {
        again.push(row);
        reason ||= outcome.reason;
      } else {
        await onOutcome(row, outcome);
      }
    }
    if (again.length < left.length) backOff.progress();
    if (again.length > 0) await backOff.wait(reason);
    left = again;
  }
}

async function sendBulk(
  items: readonly ChargeItem[],
  { http, patience }: ChargeOptions,
): Promise<readonly RowOutcome[]> {
  const reply = await sendPatiently(
    http,
    { method: 'POST', path: '/api/credits/charge-prompts', body: { items } },
    patience,
  );
  if (reply.status !== 200) {
    throw new CliError(
      `The ledger at ${http.url} refused a bulk of ${items.length} charges: ${problemText(reply)}`,
    );
  }
  const answered = (reply.body as { readonly items?: unknown } | null | undefined)?.items;
  if (!Array.isArray(answered) || answered.length !== items.length) {
    throw new CliError(
      `The ledger at ${http.url} did not answer for each of the ${items.length} charges sent.`,
    );
  }
  return answered.map((item) => outcomeOf(item));
}
