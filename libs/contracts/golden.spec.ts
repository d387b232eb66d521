import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LedgerEventType } from '#libs/ledger/events.js';
import { ARBITRARY_EVENTS } from '#test/support/ledger/arbitrary-events.js';
import { GOLDEN_EVENTS } from '#test/support/ledger/golden-events.js';
import { decodeEvent, encodeEvent, type StoredEvent, storedTypesOf } from './stored-events.js';

const FOLDER = join(import.meta.dirname, 'golden');

/**
 * SHA-256 of the stored text of each example. A stored event is read for ever: neither a file nor its hash may change.
 * A changed shape is a new version with a file of its own, and the old one stays readable.
 */
const HASHES: Readonly<Record<string, string>> = {
  'WalletOpened.v1': '23ea5492f836b8cd3aeea344c065e6bf8804ba1cc23996b6870d37fefe2e363f',
  'CreditsAdded.v1': '4a482b53d2f4977b552446d804d5965933d6e95dcf08efaa89953545b994492a',
  'CreditsExpired.v1': '3bfe69c1331ec67684588896e1a63e766c74b7fa184639a901416ec172477db3',
  'PromptCharged.v1': 'd3e89c805e5852f85b62c2484339777ae6e5434394c33aba1ffadb293380df4e',
  'FlowUnlocked.v1': 'e4ce83a4d9c8c1947104bd1f4109d308c205846cfb4b3cf44ef4be3688e01c37',
  'CreatorPaid.v1': '0aa4ca6ebb8f003bf5b6f7a34214a40ff29ea1d297e773811299066e3b14d9a2',
  'PaymentRegistered.v1': 'e6190207f154fad93a1226c55a5ca91bc7076d90f514435fdb8200f83484a184',
};

const golden = (storedType: string): StoredEvent =>
  JSON.parse(readFileSync(join(FOLDER, `${storedType}.json`), 'utf8')) as StoredEvent;

describe('the golden corpus of stored events', () => {
  test.each(Object.keys(HASHES))('%s: the stored text is unchanged', (storedType) => {
    const { type, data } = golden(storedType);
    expect(type).toBe(storedType);
    expect(createHash('sha256').update(data).digest('hex')).toBe(HASHES[storedType]);
  });

  test.each(Object.keys(HASHES))('%s: reads as it always did', (storedType) => {
    expect(decodeEvent(golden(storedType))).toEqual(GOLDEN_EVENTS[storedType]);
  });

  test('what is written today has the same bytes', () => {
    const types = Object.keys(ARBITRARY_EVENTS) as LedgerEventType[];
    for (const storedType of storedTypesOf(...types)) {
      expect(encodeEvent(GOLDEN_EVENTS[storedType]!)).toEqual(golden(storedType));
    }
  });

  test('no event type or version is without an example, no example without a hash', () => {
    const files = readdirSync(FOLDER).map((file) => file.replace(/\.json$/, ''));
    expect(files.sort()).toEqual(Object.keys(HASHES).sort());
    const types = Object.keys(ARBITRARY_EVENTS) as LedgerEventType[];
    expect(files).toEqual(expect.arrayContaining([...storedTypesOf(...types)]));
  });
});
