import { benchChargeBulk } from './bench-bulk.js';
import { benchChargeHot, benchChargeHttp } from './bench-charge.js';
import { type BenchEngine, environmentOf, startBareServer, startBenchEngine } from './bench-engine.js';
import { benchCluster } from './bench-cluster.js';
import { benchEventStoreDb } from './bench-eventstoredb.js';
import { benchLongStreams } from './bench-long-streams.js';
import { benchStore } from './bench-store.js';

type Line = object;

const BENCHES: Readonly<Record<string, (engine: BenchEngine) => Promise<readonly Line[]>>> = {
  append: ({ databaseUrl }) => benchStore({ url: databaseUrl }),
  'charge-http': async (engine) => {
    const bare = await startBareServer({ DATABASE_URL: engine.databaseUrl });
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

/** Those with parts of their own. Run only when asked for by name: they say nothing of the default way to run. */
const ALONE: Readonly<Record<string, () => Promise<readonly Line[]>>> = {
  cluster: benchCluster,
  eventstoredb: () => benchEventStoreDb(),
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in BENCHES) && !(name in ALONE));
if (unknown.length > 0) {
  console.error(
    `Unknown benchmark ${unknown.join(', ')}. There are: ${Object.keys(BENCHES).join(', ')}, all of them without a name; and ${Object.keys(ALONE).join(', ')}.`,
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

for (const [name, bench] of Object.entries(ALONE)) {
  if (!asked.includes(name)) continue;
  for (const line of await bench()) console.log(JSON.stringify({ ...line, node: process.version }));
}
