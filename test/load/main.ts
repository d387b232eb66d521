import { benchChargeBulk } from './bench-bulk.js';
import { benchChargeHot, benchChargeHttp } from './bench-charge.js';
import { type BenchEngine, environmentOf, startBareServer, startBenchEngine } from './bench-engine.js';
import { benchLongStreams } from './bench-long-streams.js';
import { benchStore } from './bench-store.js';

type Line = object;

const BENCHES: Readonly<Record<string, (engine: BenchEngine) => Promise<readonly Line[]>>> = {
  append: ({ databaseUrl }) => benchStore({ url: databaseUrl }),
  'charge-http': async (engine) => {
    const bare = await startBareServer(engine.databaseUrl);
    try {
      return await benchChargeHttp(engine, bare);
    } finally {
      await bare.stop();
    }
  },
  'charge-hot': benchChargeHot,
  'charge-bulk': benchChargeBulk,
  'long-streams': benchLongStreams,
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in BENCHES));
if (unknown.length > 0) {
  console.error(
    `Unknown benchmark ${unknown.join(', ')}. There are: ${Object.keys(BENCHES).join(', ')}; all without a name.`,
  );
  process.exit(2);
}

for (const [name, bench] of Object.entries(BENCHES)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  // A fresh engine for each, with all roles running while anything is measured.
  const engine = await startBenchEngine();
  try {
    const environment = await environmentOf(engine.database);
    for (const line of await bench(engine)) console.log(JSON.stringify({ ...line, ...environment }));
  } finally {
    await engine.stop();
  }
}
