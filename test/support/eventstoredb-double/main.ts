import { parseArgs } from 'node:util';
import { serveControl } from './control.js';
import { startDouble } from './double.js';

const HELP = `npm run double -- [--port N] [--control-port M] [--data DIR] [--drop-slow] [--stats-every N]

Starts the protocol double on 127.0.0.1 until it is interrupted, and prints one line when it is ready.
  --port N           port of the gRPC protocol; default 2113, 0 for any free one
  --control-port M   serves POST /<fault> and GET /state as JSON there; 0 for any free one
  --data DIR         keeps the log in a file of this folder; default: in memory alone
  --drop-slow        drops a live subscriber for whom more than 32 events wait
  --stats-every N    writes an event $statsCollected after every N appends`;

const PORT_DEFAULT = 2113;
const PORT_MAX = 65_535;

function numberOf(text: string | undefined, option: string): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!/^\d+$/.test(text) || (option.endsWith('port') && value > PORT_MAX)) {
    throw new Error(
      `--${option} takes a number${option.endsWith('port') ? ' up to 65535' : ''}, not "${text}".`,
    );
  }
  return value;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string' },
      'control-port': { type: 'string' },
      data: { type: 'string' },
      'drop-slow': { type: 'boolean' },
      'stats-every': { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return console.log(HELP);
  const double = await startDouble({
    port: numberOf(values.port, 'port') ?? PORT_DEFAULT,
    ...(values.data === undefined ? {} : { dataDir: values.data }),
    dropSlowSubscribers: values['drop-slow'] ?? false,
    statsEveryAppends: numberOf(values['stats-every'], 'stats-every') ?? 0,
  });
  const controlPort = numberOf(values['control-port'], 'control-port');
  const control = controlPort === undefined ? undefined : await serveControl(double, controlPort);
  const controlText = control ? `, control http://127.0.0.1:${control.port}` : '';
  console.log(`protocol double ready: ${double.url}${controlText}`);
  const end = async () => {
    await Promise.all([double.stop(), control?.close()]);
    if (process.connected) process.disconnect();
  };
  // Started by a test: it must not outlive it.
  process.once('disconnect', () => process.exit());
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void end());
  }
}

try {
  await main();
} catch (error) {
  const { code, message } = error as NodeJS.ErrnoException;
  const text = code === 'EADDRINUSE' ? `${message}. Choose another port, or 0 for any free one.` : message;
  console.error(`protocol double: ${text}`);
  process.exitCode = 1;
}
