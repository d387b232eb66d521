import { ProjectionLab } from '#test/support/projection-lab.js';

/**
 * Columns that readers of the first version know, in order and with their types. A rebuild replaces a view in place and
 * Postgres refuses one that has lost, moved or retyped a column: the ledger of somebody who upgrades would stop there.
 * Add views and columns freely; what stands here stays.
 */
const FIRST_VERSION: Readonly<Record<string, string>> = {
  accounts: 'account text, balance numeric, entries bigint',
  checkpoints: 'name text, log_id text, position bigint, recorded_at_ms bigint, events bigint',
  command_outcomes:
    'stream text, key text, principal text, body_hash text, first_revision integer, last_revision integer, first_position bigint, last_position bigint',
  creator_earnings:
    'creator_id text, accrued numeric, prompt_sources bigint, flow_sources bigint, first_earned_at_ms bigint, last_earned_at_ms bigint',
  journal: 'position bigint, account text, amount bigint',
  lots: 'user_id text, lot_id text, kind text, origin text, original bigint, remaining bigint, added_at_ms bigint, expires_at_ms bigint, payment_id text, last_at_ms bigint',
  model_totals:
    'model text, runs bigint, input_tokens numeric, output_tokens numeric, cached_input_tokens numeric, cache_write_tokens numeric, inference numeric, markup numeric, byok_fee numeric, creator_fee numeric, creator_share numeric, platform_share numeric, total numeric, allowance numeric',
  prompt_runs:
    'position bigint, user_id text, run_id text, prompt_id text, model text, purpose text, byok boolean, creator_id text, occurred_at_ms bigint, ran_at_ms bigint, input_tokens integer, output_tokens integer, cached_input_tokens integer, cache_write_tokens integer, policy text, rate_card text, rate_card_version integer, inference bigint, markup bigint, byok_fee bigint, creator_fee bigint, creator_share bigint, platform_share bigint, total bigint, allowance bigint, event_id uuid, principal text, key text, body_hash text',
  transactions:
    'position bigint, user_id text, type text, amount bigint, allowance bigint, balance_after numeric, occurred_at_ms bigint, event_id uuid, reference text, lot_id text, lot_kind text, model text, creator_id text, reason text, inference bigint, markup bigint, byok_fee bigint, creator_fee bigint',
  unlocked_flows:
    'position bigint, user_id text, flow_id text, creator_id text, price bigint, creator_share bigint, platform_share bigint, unlocked_at_ms bigint, event_id uuid',
  wallets:
    'user_id text, plan text, plan_table text, plan_table_version integer, opened_at_ms bigint, granted_period_ms bigint, allowance_period_ms bigint, allowance_used numeric, last_at_ms bigint',
};

let lab: ProjectionLab;

beforeAll(async () => {
  lab = await ProjectionLab.open();
});
afterAll(() => lab.close());

test.each(Object.entries(FIRST_VERSION))(
  'view read.%s still begins as its readers know it',
  async (view, columns) => {
    const { rows } = await lab.owner.query<{ columns: string }>(
      `select string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod), ', ' order by a.attnum) as columns
     from pg_attribute a where a.attrelid = ('read.' || $1)::regclass and a.attnum > 0`,
      [view],
    );
    expect(rows[0]!.columns.slice(0, columns.length)).toBe(columns);
  },
);
