const MODES = ['embedded', 'cluster'] as const;

/** Where the ledgers of a test run keep their log, and whether their roles are processes: `LEDGER_MODE`. */
export type LedgerMode = (typeof MODES)[number];

/** @throws for a value that is none, so that a typing error is no silent run of the other mode */
export function ledgerMode(): LedgerMode {
  const given = process.env['LEDGER_MODE'] ?? 'embedded';
  const mode = MODES.find((each) => each === given);
  if (mode === undefined) throw new Error(`LEDGER_MODE is "${given}", expected one of ${MODES.join(', ')}.`);
  return mode;
}
