export const LEDGER_SUITES: readonly string[];
export const EMBEDDED_SUITES: Readonly<Record<string, string>>;
