import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc, { type Arbitrary } from 'fast-check';
import type { LedgerEvent, LedgerEventType } from '#libs/ledger/events.js';
import { ARBITRARY_EVENTS } from '#test/support/ledger/arbitrary-events.js';
import { GOLDEN_EVENTS } from '#test/support/ledger/golden-events.js';
import { decodeEvent, encodeEvent, type StoredEvent, storedTypesOf } from './stored-events.js';

/** Enough for every optional field of every event to turn up. */
const SAMPLES = 200;
const FOLDER = join(import.meta.dirname, 'golden');

/**
 * SHA-256 of the stored text of each example. A stored event is read for ever: neither a file nor its hash may change.
 * A changed shape is a new version with a file of its own, and the old one stays readable.
 */
const HASHES: Readonly<Record<string, string>> = {
  'WalletOpened.v1': '23ea5492f836b8cd3aeea344c065e6bf8804ba1cc23996b6870d37fefe2e363f',
  'WalletOpened.v2': '5483ddd3527f069925ce768eec76ff906b6e0653a3494739de0a407d8fb22297',
  'WalletClosed.v1': 'a3a3841b336d926573919b1130f7a4273105b1b460d60ac254eddcd290fdb334',
  'WalletFrozen.v1': '94bf068f0c6a5fb328cd6ac14377ea547bee74053370359a6dec75086c355d9b',
  'WalletUnfrozen.v1': 'a3a3841b336d926573919b1130f7a4273105b1b460d60ac254eddcd290fdb334',
  'SubscriptionPaid.v1': 'bc2dee8b3a6a0ac02fde4070974382321b615d57409539d693807a3ed2fe0263',
  'PlanChanged.v1': 'b575ead4779a4472b73342e2af3c749d4d38f763ebeb0b87c1116eb08d9b6aa6',
  'PlanChangeScheduled.v1': 'f22a126cd4a4e1de8cc91ae89f2ed8ea7bdec5da6854e04def8ec290c9147d39',
  'PlanChangeCancelled.v1': 'a66d0d8ba2a0fd28bcc0b964843922e939030f926443c4637c2d8db167559fc9',
  'CreditsAdded.v1': '4a482b53d2f4977b552446d804d5965933d6e95dcf08efaa89953545b994492a',
  'CreditsExpired.v1': '3bfe69c1331ec67684588896e1a63e766c74b7fa184639a901416ec172477db3',
  'CreditsRevoked.v1': '9fffaa1db8944290ce5211cb035f1730b727ec518b17ba4b8a1a5fde17f5a08b',
  'CreditsReinstated.v1': '4eb85838b851ffcd7a589925e80aa2b62ef0926b6de1565e58ff1766933b297a',
  'CreditsHeld.v1': '9fb7381f6436d6e8de496ec219b02dd0adf976c576f4630f64b9de996b60267b',
  'HoldReleased.v1': '34c0387fb1e7effe0ed3def8a67c2c2fa3e1c5d8d8af560ab5ab30dd4dee03f1',
  'PromptCharged.v1': 'd3e89c805e5852f85b62c2484339777ae6e5434394c33aba1ffadb293380df4e',
  'PromptCharged.v1-settled': '98932e5412188a72fcd95fd61ea4b3fcdb843f0941a3e44321415a9d310dc1da',
  'FlowUnlocked.v1': 'e4ce83a4d9c8c1947104bd1f4109d308c205846cfb4b3cf44ef4be3688e01c37',
  'PromptRefunded.v1': '98b2eae104bc3c31732f35ed9605cae5ba4e140c9a600879eef4130bab6d3a4e',
  'FlowUnlockRefunded.v1': 'c17693c91d3e7d6a807b8022fbbed242c2a7d395c4d36c1e251ecb75f3be376b',
  'PromptCreated.v1': 'a5de7f441b38c543899c87ba4bf458df97ccde25814106fd7f062593530cd64c',
  'PromptChanged.v1': '53dcab953d762eb3b5533494e95d50c04a748e097b03e8f79538aca5e6ff009f',
  'PromptDeleted.v1': 'b876f416393d395406fe820ba68fc87e7c10bff9ab8d1add05a5d87d502d2896',
  'ThresholdsSet.v1': '742d9d472d2c35ed2be6b97c89beb0506ef49521c5d1450a9bc45c0299001b27',
  'BalanceThresholdCrossed.v1': '47f405f2e6fddc89841aeea561bd9339cb90e0192257f6e624c5c78ff5e9cce3',
  'PaymentRegistered.v1': 'e6190207f154fad93a1226c55a5ca91bc7076d90f514435fdb8200f83484a184',
  'CreatorPaid.v1': '0aa4ca6ebb8f003bf5b6f7a34214a40ff29ea1d297e773811299066e3b14d9a2',
  'CreatorPaid.v1-uncollected': '716e687ee4321f228101b0436a3d0325b589f0738df2782db825b649381b9b69',
  'CreatorEarningsReversed.v1': 'ce893472ccb18935044f94dcc9925532e9544d22f115646867d454b0728a481a',
  'PayoutDestinationVerified.v1': 'c95eb30296b89ae38b997cd8d6e6becf463912cf4f53f05d56661535c86979fc',
  'PayoutRequested.v1': 'e727b36a24e3fb96f913005b1f91c2da88ee108f043fe681b47c9068f1f5013b',
  'PayoutSent.v1': 'd98e1540741103b6abc8b0c034973b4a35ed4fa915ef46b6ffa7982c231b6ccc',
  'PayoutSettled.v1': 'd98e1540741103b6abc8b0c034973b4a35ed4fa915ef46b6ffa7982c231b6ccc',
  'PayoutFailed.v1': 'd932c00130addb92753dbcb3c0a5a0dc34184f4c36c1becd63b7454aa69153cc',
  'RateCardPublished.v1': '920785a5dc8bebf6fd60d6560930fbf68f2483746b0ad36794282e1b98811603',
  'PolicyActivated.v1': 'ef1ff6b4757c0e146cb60c090705134231b26640af62796b714668c459102c38',
  'PlansPublished.v1': 'e1b2053283c45f8661d98b8618f4023b14defbfc8d322dbd71cec200548a1742',
};

const golden = (example: string): StoredEvent =>
  JSON.parse(readFileSync(join(FOLDER, `${example}.json`), 'utf8')) as StoredEvent;

/** An example is named by its stored type; a second one of the same type adds what is special about it. */
const storedTypeOf = (example: string): string => example.split('-')[0]!;
const ALL_STORED_TYPES = storedTypesOf(...(Object.keys(ARBITRARY_EVENTS) as LedgerEventType[]));

describe('the golden corpus of stored events', () => {
  test.each(Object.keys(HASHES))('%s: the stored text is unchanged', (example) => {
    const { type, data } = golden(example);
    expect(type).toBe(storedTypeOf(example));
    expect(createHash('sha256').update(data).digest('hex')).toBe(HASHES[example]);
  });

  test.each(Object.keys(HASHES))('%s: reads as it always did', (example) => {
    expect(decodeEvent(golden(example))).toEqual(GOLDEN_EVENTS[example]);
  });

  test('what is written today has the same bytes', () => {
    const written = new Set<string>();
    for (const example of Object.keys(HASHES)) {
      const stored = encodeEvent(GOLDEN_EVENTS[example]!);
      // An old version is only read: what it says is written in the newest one.
      if (stored.type === storedTypeOf(example)) expect(stored).toEqual(golden(example));
      written.add(stored.type);
    }
    expect(written.size).toBe(Object.keys(ARBITRARY_EVENTS).length);
  });

  test('no event type or version is without an example, no example without a hash', () => {
    const files = readdirSync(FOLDER).map((file) => file.replace(/\.json$/, ''));
    expect(files.sort()).toEqual(Object.keys(HASHES).sort());
    expect(Object.keys(GOLDEN_EVENTS).sort()).toEqual(Object.keys(HASHES).sort());
    expect([...new Set(files.map(storedTypeOf))].sort()).toEqual([...ALL_STORED_TYPES].sort());
  });

  test('an example leaves out no field that its type can store', () => {
    for (const [type, arbitrary] of Object.entries<Arbitrary<LedgerEvent>>(ARBITRARY_EVENTS)) {
      const known = new Set(fc.sample(arbitrary, SAMPLES).flatMap((event) => fieldsOf(encodeEvent(event))));
      const shown = Object.keys(HASHES).filter((example) => GOLDEN_EVENTS[example]!.type === type);
      const fields = new Set(shown.flatMap((example) => fieldsOf(golden(example))));
      expect([type, ...[...known].sort()]).toEqual([type, ...[...fields].sort()]);
    }
  });
});

/** Names of the fields that a stored event has, those of records in lists too. */
function fieldsOf({ data }: StoredEvent): readonly string[] {
  const fields = JSON.parse(data) as Record<string, unknown>;
  return Object.entries(fields).flatMap(([name, value]) => [
    name,
    ...(Array.isArray(value) ? value : [])
      .filter((item): item is object => typeof item === 'object')
      .flatMap((item) => Object.keys(item).map((key) => `${name}.${key}`)),
  ]);
}
