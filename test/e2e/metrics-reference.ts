/** What the labels of our metrics say. Each has few values, known to the program. */
export const LABELS: Readonly<Record<string, string>> = {
  role: 'a role of ROLES',
  command: 'type of a command, for example ChargePrompt',
  result:
    'how it was answered: done, replayed, refused, not_applied, unknown, overloaded, catching_up, too_large, failed',
  view: 'name of a read model',
  state: 'of a view, a transfer, or a connection: busy, idle, waiting',
  consumer: 'payouts or notifications',
  unit: 'messages (Kafka) or positions (the log)',
  channel: 'email or webhook',
  outcome: 'what a try to deliver came to',
  pool: 'connections of one purpose, by their application_name',
  thread: 'main (HTTP) or background (roles that follow the log)',
  kind: 'of the heap: used or limit',
  quantile: '0.5, 0.99 or 1',
  le: 'upper bound of a bucket of a histogram',
  version: 'of the program',
  node: 'version of Node',
};

const HEADER = `# Metrics

What every process serves at \`/metrics\` on METRICS_PORT, in Prometheus' text format. Written by \`npm run docs:metrics\` from what a process with all roles says; do not edit by hand. A process has the metrics of its own roles, and those of a role that stands by have no values where only the leader knows them.

Metrics without a prefix of ours (\`process_…\`, \`nodejs_…\`) are the usual ones of [prom-client](https://github.com/siimon/prom-client). No label holds the id of a user, a creator or a run.

| metric | type | what it says |
| ------ | ---- | ------------ |
`;

const cell = (text: string): string => text.replaceAll('|', '\\|');

/** The reference of the metrics that a scrape shows. */
export function metricsReference(scrape: string): string {
  const types = new Map(
    [...scrape.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => [name!, type!]),
  );
  const rows = [...scrape.matchAll(/^# HELP (ledger_\S+) (.*)$/gm)]
    .map(([, name, help]) => `| \`${name!}\` | ${types.get(name!) ?? ''} | ${cell(help!)} |`)
    .sort();
  const labels = Object.entries(LABELS).map(([label, meaning]) => `| \`${label}\` | ${meaning} |`);
  return `${HEADER}${rows.join('\n')}\n\n## Labels\n\n| label | values |\n| ----- | ------ |\n${labels.join('\n')}\n`;
}
