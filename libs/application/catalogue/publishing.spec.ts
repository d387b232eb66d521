import 'reflect-metadata';
import { MemoryEventStore } from '#libs/event-store/memory-store.js';
import type { Clock } from '#libs/kernel/clock.js';
import type {
  ActivatePolicyCommand,
  CatalogueCommand,
  PublishRateCardCommand,
} from '#libs/ledger/catalogue/commands.js';
import { EFFECTIVE_AHEAD_MS_MIN } from '#libs/ledger/catalogue/decide.js';
import { eventsOf, WatchedStore } from '#test/support/application/watched-store.js';
import { type BodyFields, hashBody } from '../body-hash.js';
import type { Envelope } from '../envelope.js';
import { ActivatePolicy, type CatalogueOutcome, PublishRateCard } from './commands.js';
import { createCatalogueExecutor } from './definition.js';
import { followCatalogue } from './follower.js';
import { ActivatePolicyHandler, Publisher, PublishRateCardHandler } from './handlers.js';
import { seedCatalogue } from './seed.js';

const NOW = Date.UTC(2026, 10, 20, 16);
const LATER = NOW + EFFECTIVE_AHEAD_MS_MIN;
const clock: Clock = { now: () => NOW };

const card = (more: Partial<PublishRateCardCommand> = {}): PublishRateCardCommand => ({
  type: 'PublishRateCard',
  cardId: 'standard',
  effectiveFrom: LATER,
  models: [{ model: 'gpt-5', input: 7n, output: 8n }],
  aliases: [],
  ...more,
});

const policy = (more: Partial<ActivatePolicyCommand> = {}): ActivatePolicyCommand => ({
  type: 'ActivatePolicy',
  policyId: 'graduated-v2',
  cardId: 'token-rates-2024',
  effectiveFrom: LATER,
  byokFeeBasisPoints: 0n,
  ...more,
});

const envelope = (key: string, command: CatalogueCommand): Envelope => ({
  principal: 'local',
  key,
  bodyHash: hashBody(command.type, command as unknown as BodyFields),
});

const codeOf = (outcome: CatalogueOutcome): string =>
  outcome.kind === 'refused' ? outcome.refusal.code : outcome.replayed ? 'replayed' : 'done';

const running: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of running.splice(0)) await stop();
});

/** One process that publishes; it looks at the log by itself never, so that what it knows was asked for. */
async function openProcess(log = new MemoryEventStore()) {
  const store = new WatchedStore(log);
  await seedCatalogue(store);
  store.appends.length = 0;
  const ending = new AbortController();
  const catalogue = await followCatalogue({ store, clock, signal: ending.signal, pollMs: 60_000 });
  const executor = createCatalogueExecutor({ store, clock });
  running.push(async () => {
    ending.abort();
    await Promise.all([catalogue.stopped, executor.close()]);
  });
  const publisher = new Publisher(executor, catalogue);
  const cards = new PublishRateCardHandler(publisher);
  const policies = new ActivatePolicyHandler(publisher);
  return {
    log,
    store,
    catalogue,
    publish: (key: string, command: PublishRateCardCommand) =>
      cards.execute(new PublishRateCard(envelope(key, command), command)),
    activate: (key: string, command: ActivatePolicyCommand) =>
      policies.execute(new ActivatePolicy(envelope(key, command), command)),
  };
}

describe('publishing a rate card', () => {
  test('appends the next version to its stream and lists it in this process at once', async () => {
    const { log, catalogue, publish } = await openProcess();
    const outcome = await publish('k1', card());
    expect(outcome).toMatchObject({
      kind: 'done',
      replayed: false,
      events: [{ version: 2, cardId: 'standard' }],
    });
    expect((await eventsOf(log, 'ratecard-standard')).map(({ type }) => type)).toEqual([
      'RateCardPublished.v1',
      'RateCardPublished.v1',
    ]);
    expect(catalogue.current().rateCard('standard', 2)?.models.has('gpt-5')).toBe(true);
  });

  test('a card of a new id begins at version 1', async () => {
    const { catalogue, publish } = await openProcess();
    await publish('k1', card({ cardId: 'acme' }));
    expect(catalogue.current().rateCard('acme', 1)).toBeDefined();
  });

  test('the same key again is the first result; another body under it is refused', async () => {
    const { publish, store } = await openProcess();
    await publish('k1', card());
    expect(codeOf(await publish('k1', card()))).toBe('replayed');
    expect(codeOf(await publish('k1', card({ effectiveFrom: LATER + 1 })))).toBe('request.id_reused');
    expect(store.appends).toHaveLength(1);
  });

  test('two processes at once: two versions, none lost', async () => {
    const one = await openProcess();
    const two = await openProcess(one.log);
    const outcomes = await Promise.all([one.publish('k1', card()), two.publish('k2', card())]);
    expect(outcomes.map(codeOf)).toEqual(['done', 'done']);
    await Promise.all([one.catalogue.refresh(), two.catalogue.refresh()]);
    for (const { catalogue } of [one, two]) {
      expect(
        catalogue
          .current()
          .rateCards.filter(({ id }) => id === 'standard')
          .map(({ version }) => version),
      ).toEqual([1, 2, 3]);
    }
  });

  test('less than 60 s ahead: refused, naming the field and the earliest moment, nothing written', async () => {
    const { publish, store } = await openProcess();
    expect(await publish('k1', card({ effectiveFrom: LATER - 1 }))).toMatchObject({
      refusal: {
        code: 'request.invalid',
        errors: [
          {
            field: 'effectiveFrom',
            message: 'must be 2026-11-20T16:01:00.000Z or later: every process reads it at least 60 s ahead',
          },
        ],
      },
    });
    expect(store.appends).toEqual([]);
  });
});

describe('activating a policy', () => {
  test('over a known card: in force from its moment', async () => {
    const { catalogue, activate } = await openProcess();
    expect(codeOf(await activate('k1', policy()))).toBe('done');
    const inForce = (t: number) => catalogue.terms().pricingAt(t).policy.id;
    expect([inForce(LATER - 1), inForce(LATER)]).toEqual(['three-part-v1', 'graduated-v2']);
  });

  test('over a card that is nowhere: ratecard.not_found, nothing written', async () => {
    const { activate, store } = await openProcess();
    expect(codeOf(await activate('k1', policy({ cardId: 'nowhere' })))).toBe('ratecard.not_found');
    expect(store.appends).toEqual([]);
  });

  test('over a card that another process has published a moment ago', async () => {
    const one = await openProcess();
    const two = await openProcess(one.log);
    await one.publish('k1', card({ cardId: 'acme' }));
    expect(codeOf(await two.activate('k2', policy({ cardId: 'acme' })))).toBe('done');
  });

  test('over a card that is not in force by then: refused by field, naming when it is', async () => {
    const { publish, activate } = await openProcess();
    await publish('k1', card({ cardId: 'acme', effectiveFrom: LATER + 5_000 }));
    expect(await activate('k2', policy({ cardId: 'acme' }))).toMatchObject({
      refusal: {
        code: 'request.invalid',
        errors: [
          {
            field: 'effectiveFrom',
            message: 'must be 2026-11-20T16:01:05.000Z or later: rate card acme is not in force before',
          },
        ],
      },
    });
    expect(codeOf(await activate('k3', policy({ cardId: 'acme', effectiveFrom: LATER + 5_000 })))).toBe(
      'done',
    );
  });

  test('what is malformed is told before what is missing', async () => {
    const { activate } = await openProcess();
    expect(codeOf(await activate('k1', policy({ cardId: 'nowhere', effectiveFrom: NOW })))).toBe(
      'request.invalid',
    );
  });

  test('a repeat is answered without judging the card again', async () => {
    const { activate } = await openProcess();
    await activate('k1', policy());
    expect(codeOf(await activate('k1', policy()))).toBe('replayed');
  });
});
