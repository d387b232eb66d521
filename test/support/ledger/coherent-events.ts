import fc from 'fast-check';
import { UserId } from '#libs/kernel/ids.js';
import type { LedgerEvent } from '#libs/ledger/events.js';
import type {
  FlowUnlocked,
  FlowUnlockRefunded,
  PromptCharged,
  PromptRefunded,
} from '#libs/ledger/wallet/events.js';
import { ARBITRARY_EVENTS } from './arbitrary-events.js';

const sum = (parts: readonly { readonly amount: bigint }[]): bigint =>
  parts.reduce((total, { amount }) => total + amount, 0n);

/** Cuts an amount into `count` parts, any of which may be 0. */
const cut = (total: bigint, cuts: readonly bigint[]): bigint[] => {
  const at = cuts.map((place) => (total * place) / CUT_MAX).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return [...at, total].map((end, i) => end - (at[i - 1] ?? 0n));
};
const CUT_MAX = 1_000n;
const cuts = (count: number) =>
  fc.array(fc.bigInt(0n, CUT_MAX), { minLength: count - 1, maxLength: count - 1 });

const creator = fc.constantFrom('c-1', 'c-2').map((id) => UserId.of(id));

const promptCharged: fc.Arbitrary<PromptCharged> = fc
  .tuple(ARBITRARY_EVENTS.PromptCharged, cuts(5), creator)
  .map(([event, places, creatorId]) => {
    const total = sum(event.draws) + event.allowance + event.uncollected;
    const [inference, markup, byokFee, platformShare, creatorShare] = cut(total, places) as FiveParts;
    const creatorFee = platformShare + creatorShare;
    return {
      ...event,
      creatorId,
      inference,
      markup,
      byokFee,
      platformShare,
      creatorShare,
      creatorFee,
      total,
    };
  });

type FiveParts = [bigint, bigint, bigint, bigint, bigint];

const promptRefunded: fc.Arbitrary<PromptRefunded> = fc
  .tuple(ARBITRARY_EVENTS.PromptRefunded, cuts(5), creator)
  .map(([event, places, creatorId]) => {
    const amount = sum(event.restored) + event.allowance + event.uncollected;
    const [inference, markup, byokFee, platformShare, creatorShare] = cut(amount, places) as FiveParts;
    const parts = { inference, markup, byokFee, platformShare, creatorShare };
    return { ...event, creatorId, amount, parts, refunded: parts };
  });

const flowUnlocked: fc.Arbitrary<FlowUnlocked> = fc
  .tuple(ARBITRARY_EVENTS.FlowUnlocked, cuts(2), creator)
  .map(([event, places, creatorId]) => {
    const price = sum(event.draws);
    const [platformShare, creatorShare] = cut(price, places) as [bigint, bigint];
    return { ...event, creatorId, price, platformShare, creatorShare };
  });

const flowUnlockRefunded: fc.Arbitrary<FlowUnlockRefunded> = fc
  .tuple(ARBITRARY_EVENTS.FlowUnlockRefunded, cuts(2), creator)
  .map(([event, places, creatorId]) => {
    const amount = sum(event.restored);
    const [platformShare, creatorShare] = cut(amount, places) as [bigint, bigint];
    return { ...event, creatorId, amount, platformShare, creatorShare };
  });

/** Any event whose sides belong together: what is charged is paid by something, what is refunded goes somewhere. */
export const COHERENT_EVENTS: Readonly<Record<LedgerEvent['type'], fc.Arbitrary<LedgerEvent>>> = {
  ...ARBITRARY_EVENTS,
  PromptCharged: promptCharged,
  PromptRefunded: promptRefunded,
  FlowUnlocked: flowUnlocked,
  FlowUnlockRefunded: flowUnlockRefunded,
};
