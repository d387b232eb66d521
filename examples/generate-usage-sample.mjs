// Writes examples/usage-sample.csv: a made-up day of usage in the ledger's own form. Seeded, so that it is the same
// on every machine: node examples/generate-usage-sample.mjs
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const SEED = 20_261_103;
const ROWS = 2_000;
const DAY = '2026-11-03';
const USERS = 34;
const CREATORS = 8;
/** Creators who also run prompts themselves, now and then their own. */
const RUNNING_CREATORS = 6;
const PROMPTS_PER_CREATOR = 4;

const HEADER = 'time,runId,userId,promptId,creatorId,creatorFee,model,inputTokens,outputTokens';

/**
 * Model, share of the runs, median tokens in and out (long contexts go to the models made for them), and the smallest
 * of the users' tiers that uses it: 0 FREE, 1 PRO, 2 ELITE, 3 ENTERPRISE.
 */
const MODELS = [
  { name: 'gpt-3.5-turbo', weight: 30, input: 620, output: 180, tier: 0 },
  { name: 'gpt-4', weight: 18, input: 900, output: 260, tier: 1 },
  { name: 'deepseek', weight: 14, input: 1_100, output: 340, tier: 0 },
  { name: 'gpt-4-turbo', weight: 10, input: 2_400, output: 420, tier: 2 },
  { name: 'claude-3-sonnet', weight: 10, input: 2_000, output: 380, tier: 2 },
  { name: 'mixtral-8x7b', weight: 7, input: 800, output: 240, tier: 2 },
  { name: 'mistral-large', weight: 5, input: 1_300, output: 300, tier: 2 },
  { name: 'claude-3-opus', weight: 4, input: 3_200, output: 520, tier: 2 },
  { name: 'gpt-4-32k', weight: 2, input: 9_500, output: 700, tier: 3 },
];
/** Tiers of the users in turn. */
const TIERS = [1, 2, 1, 3, 0, 1, 0];
/** Runs in each hour of the day, UTC: quiet nights, a European morning, an American afternoon. */
const HOURS = [3, 2, 1, 1, 1, 2, 4, 8, 12, 14, 14, 12, 11, 14, 17, 19, 20, 19, 17, 14, 11, 9, 7, 5];
/** Credits a run; real creators like round figures, and one does not. */
const FEES = [250, 500, 1_000, 1_003, 2_500, 5_000, 10_000, 25_000];

/** mulberry32: small, and the same everywhere. */
function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function pick(random, items, weightOf) {
  const total = items.reduce((sum, item) => sum + weightOf(item), 0);
  let left = random() * total;
  return items.find((item) => (left -= weightOf(item)) < 0) ?? items.at(-1);
}

/**
 * Tokens around a median, most within a factor of three of it. Sums of uniform numbers instead of logarithms, whose
 * last digit differs between machines.
 */
function tokens(random, median) {
  const spread = random() + random() + random() + random() - 2;
  const factor = spread < 0 ? 1 / (1 - spread * 2.5) : 1 + spread * 2.5;
  return Math.max(1, Math.round(median * factor));
}

const id = (prefix, number) => `${prefix}-${String(number).padStart(2, '0')}`;

export function usageSample() {
  const random = generator(SEED);
  const creators = Array.from({ length: CREATORS }, (_, i) => ({ id: id('c', i + 1), weight: CREATORS - i }));
  const prompts = creators.flatMap((creator) =>
    Array.from({ length: PROMPTS_PER_CREATOR }, (_, i) => ({
      id: `${creator.id}-prompt-${i + 1}`,
      creator,
      fee: FEES[Math.floor(random() * FEES.length)],
    })),
  );
  // A few users do most of the work.
  const payers = [
    ...Array.from({ length: USERS }, (_, i) => ({
      id: id('u', i + 1),
      weight: 60 / (i + 3),
      tier: TIERS[i % TIERS.length],
    })),
    ...creators.slice(0, RUNNING_CREATORS).map((creator) => ({ id: creator.id, weight: 1, tier: 1 })),
  ];
  const hours = HOURS.map((weight, hour) => ({ hour, weight }));
  const times = Array.from({ length: ROWS }, () => {
    const { hour } = pick(random, hours, ({ weight }) => weight);
    return Date.parse(`${DAY}T00:00:00.000Z`) + Math.floor((hour + random()) * 3_600_000);
  }).sort((a, b) => a - b);
  return (
    [HEADER, ...times.map((time, i) => row({ random, time, number: i + 1, payers, prompts }))].join('\n') +
    '\n'
  );
}

function row({ random, time, number, payers, prompts }) {
  const payer = pick(random, payers, ({ weight }) => weight);
  const model = pick(
    random,
    MODELS.filter(({ tier }) => tier <= payer.tier),
    ({ weight }) => weight,
  );
  const input = tokens(random, model.input);
  const output = tokens(random, model.output);
  const kind = random();
  const own = prompts.filter(({ creator }) => creator.id === payer.id);
  let prompt;
  // Half of the runs use a creator's prompt; creators try their own; the rest are prompts nobody else earns from.
  if (own.length > 0 && kind < 0.5) prompt = own[Math.floor(random() * own.length)];
  else if (kind < 0.55) prompt = pick(random, prompts, ({ creator }) => creator.weight);
  const promptId = prompt?.id ?? (kind < 0.85 ? `${payer.id}-private` : '');
  return [
    new Date(time).toISOString(),
    `run-${DAY.replaceAll('-', '')}-${String(number).padStart(4, '0')}`,
    payer.id,
    promptId,
    prompt?.creator.id ?? '',
    prompt?.fee ?? '',
    model.name,
    input,
    output,
  ].join(',');
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  writeFileSync(join(import.meta.dirname, 'usage-sample.csv'), usageSample());
}
