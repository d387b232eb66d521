import fc from 'fast-check';
import { decodeEvent } from '#libs/contracts/stored-events.js';
import { walletStream } from '#libs/ledger/events.js';
import type { WalletEvent } from '#libs/ledger/wallet/events.js';
import { arbitraryStep } from '#test/support/ledger/arbitrary-commands.js';
import type { Intent } from '#test/support/ledger/intents.js';
import { patience, showed, sized } from '#test/support/proof.js';
import { printedSeed } from '#test/support/property.js';
import { Clients, type Operation, type Wish } from './history.js';
import { checkLinearisable } from './linearisable.js';
import { useTwoProcesses } from './two-processes.js';

const SEEDS = sized({ everyday: 2, full: 20 });
const OPERATIONS = sized({ everyday: 500, full: 5_000 });
const PATIENCE_MS = patience({ everyday: 120_000, full: 3_600_000 });
const WALLETS = 5;
const CLIENTS = 12;
const SEED_STEP = 7_919;
/** Of a hundred. */
const READS_PERCENT = 6;
const REPEATS_PERCENT = 8;

const wish = fc
  .record({
    step: arbitraryStep,
    wallet: fc.nat(WALLETS - 1),
    turn: fc.nat(1),
    read: fc.nat(99),
    repeat: fc.nat(99),
    again: fc.record({ back: fc.integer({ min: 1, max: 6 }), sameBody: fc.boolean() }),
  })
  .map(({ step, wallet, turn, read, repeat, again }): Wish => {
    const intent: Intent = read < READS_PERCENT ? { do: 'advance' } : openFor(step.intent);
    return { intent, wallet, turn, again: repeat < REPEATS_PERCENT ? again : undefined };
  });

/** A closed or a frozen wallet has little to say: nobody closes it here, and most who would freeze it thaw it. */
function openFor(intent: Intent): Intent {
  if (intent.do === 'close') return { do: 'unfreeze' };
  return intent.do === 'freeze' && intent.reason !== 'fraud' ? { do: 'unfreeze' } : intent;
}

const PLANS = ['FREE', 'PRO', 'ELITE', 'ENTERPRISE', 'FREE'] as const;

describe('G8: a wallet is linearisable', () => {
  const processes = useTwoProcesses();

  test(
    `${SEEDS} seeds of ${OPERATIONS} operations by ${CLIENTS} clients at once, over two api processes`,
    async () => {
      const first = printedSeed('linearisable', SEEDS);
      const counts = { granted: 0, refused: 0, replayed: 0, reads: 0 };
      for (let i = 0; i < SEEDS; i++) {
        const seed = first + i * SEED_STEP;
        const opening = PLANS.map((plan, wallet): Wish => {
          const intent: Intent = { do: 'open', plan, mayGrant: true };
          return { intent, wallet, turn: wallet % 2, again: undefined };
        });
        const wishes = [...opening, ...fc.sample(wish, { seed, numRuns: OPERATIONS })];
        const prefix = `g8-${i}`;
        const operations = await new Clients(processes, prefix).run(wishes, CLIENTS);
        for (let wallet = 0; wallet < WALLETS; wallet++) {
          const userId = `${prefix}-${wallet}`;
          const ofWallet = operations.filter((asked) => asked.userId === userId);
          try {
            checkLinearisable(ofWallet, await logOf(userId));
          } catch (error) {
            throw new Error(`Wallet ${userId}, PROPERTY_SEED=${first}`, { cause: error });
          }
        }
        for (const asked of operations) counts[kindOf(asked)] += 1;
      }
      showed({
        guarantee: 'G8',
        proof: 'two api processes, real time kept',
        seed: first,
        figures: { seeds: SEEDS, 'operations a seed': OPERATIONS, clients: CLIENTS, ...counts },
      });
      expect(Math.min(...Object.values(counts))).toBeGreaterThan(0);
    },
    PATIENCE_MS,
  );

  async function logOf(userId: string): Promise<ReadonlyMap<string, WalletEvent>> {
    const events = new Map<string, WalletEvent>();
    for await (const batch of processes.store.readStream(walletStream(userId))) {
      for (const recorded of batch) events.set(recorded.id, decodeEvent(recorded) as WalletEvent);
    }
    return events;
  }
});

function kindOf(asked: Operation): 'granted' | 'refused' | 'replayed' | 'reads' {
  if (asked.kind === 'read') return 'reads';
  if (asked.reply.status !== 200) return 'refused';
  return asked.reply.body['replayed'] === true ? 'replayed' : 'granted';
}
