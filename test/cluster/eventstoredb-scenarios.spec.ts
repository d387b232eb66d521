import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PROJECT_ROOT } from '#apps/cli/project-root.js';
import { isRequired } from '#test/support/components/test-run.js';
import { startDouble } from '#test/support/eventstoredb-double/double.js';

const SHARED = process.env['SHARED_DIR'] ?? join(PROJECT_ROOT, '..', 'shared');
const TOOL = join(SHARED, 'tools', 'eventstoredb-scenarios.mjs');
const ANSWERS = join(SHARED, 'data', 'eventstoredb-answers.json');
const SCENARIOS = 57;
/** They wait a few seconds by themselves; the rest is for a machine that is busy. */
const PATIENCE_MS = 180_000;

const recorded = existsSync(TOOL) && existsSync(ANSWERS);

/** Runs every scenario against a server; what its answers differ in from those recorded, and the tool's last line. */
async function compare(url: string): Promise<{ differences: string[]; verdict: string }> {
  if (!recorded) {
    throw new Error(
      `REQUIRE_COMPONENTS asks for scenarios, and the recorded answers are not in ${SHARED}. Set SHARED_DIR to their folder.`,
    );
  }
  const run = promisify(execFile)(process.execPath, [TOOL, 'compare', url, ANSWERS], {
    cwd: PROJECT_ROOT,
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  // The tool ends with 1 when something differs: what it says then is the finding.
  const { stdout } = await run.catch((error: { stdout: string; stderr: string }) => {
    if (!error.stdout) throw new Error(`The scenarios could not be run: ${error.stderr}`);
    return error;
  });
  const lines = stdout.trimEnd().split('\n');
  return { differences: lines.slice(0, -1), verdict: lines.at(-1)! };
}

const ALIKE = { differences: [], verdict: `${SCENARIOS} scenarios alike, 0 differ` };

describe('the answers recorded on real EventStoreDB servers', () => {
  if (!recorded && !isRequired('scenarios')) {
    process.stderr.write(
      `[test] SKIPPED "eventstoredb-scenarios": the recorded answers are not in ${SHARED}, so nothing compares the ` +
        'protocol double with real servers. Set SHARED_DIR to their folder.\n',
    );
  }
  const scenarios = recorded || isRequired('scenarios') ? it : it.skip;

  scenarios(
    'are those of the protocol double, scenario by scenario',
    async () => {
      const double = await startDouble();
      try {
        expect(await compare(double.url)).toEqual(ALIKE);
      } finally {
        await double.stop();
      }
    },
    PATIENCE_MS,
  );

  scenarios(
    'are those of the protocol double that writes events of its own in between and drops slow subscribers',
    async () => {
      const double = await startDouble({ statsEveryAppends: 1, dropSlowSubscribers: true });
      try {
        expect(await compare(double.url)).toEqual(ALIKE);
      } finally {
        await double.stop();
      }
    },
    PATIENCE_MS,
  );

  const given = process.env['EVENTSTORE_URL'];
  if (given !== undefined) {
    scenarios(
      'are those of the server given by EVENTSTORE_URL',
      async () => expect(await compare(given)).toEqual(ALIKE),
      PATIENCE_MS,
    );
  }
});
