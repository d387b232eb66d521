// The dispatcher of notifications as a child of a test, with a short lease. Arguments: database, mail server, webhook host.
// Prints one line when it runs; ends with the test that started it.
import { Dispatcher } from '../../../dist/libs/notifications/dispatcher.js';
import { smtpTransport } from '../../../dist/libs/notifications/mail/transport.js';
import { createPool } from '../../../dist/libs/platform/postgres.js';

const [url, smtp, host] = process.argv.slice(2);
process.stdin.on('end', () => process.exit(1)).resume();
const dispatcher = new Dispatcher({
  pool: createPool({ url, applicationName: 'test-dispatcher' }),
  clock: { now: () => Date.now() },
  transport: smtpTransport(smtp),
  mailFrom: 'billing@ledger.example',
  webhookAllowedHosts: [host],
  signal: new globalThis.AbortController().signal,
  leaseMs: 3_000,
  onTrouble: (error) => console.error(error),
});
console.log('running');
await dispatcher.run();
