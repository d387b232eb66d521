import fc from 'fast-check';
import { encodeEvent } from '#test/support/eventstoredb-double/event-encoder.js';
import { LAST_REVISION, type LogEvent } from '#test/support/eventstoredb-double/log-event.js';
import { holds } from '#test/support/property.js';
import { sharedPb, streamsPb } from '#test/support/eventstoredb-double/protocol.js';

const { ReadResp } = streamsPb;

/** The same answer by the classes that are generated from the protocol's own definitions. */
function byGeneratedClasses(event: LogEvent): Buffer {
  const position = String(event.position);
  const recorded = new ReadResp.ReadEvent.RecordedEvent()
    .setId(new sharedPb.UUID().setString(event.id))
    .setStreamIdentifier(new sharedPb.StreamIdentifier().setStreamName(Buffer.from(event.stream)))
    .setStreamRevision(String(event.revision))
    .setPreparePosition(position)
    .setCommitPosition(position)
    .setData(event.data)
    .setCustomMetadata(event.metadata);
  recorded
    .getMetadataMap()
    .set('type', event.type)
    .set('content-type', event.contentType)
    .set('created', String(BigInt(event.createdMs) * 10_000n));
  const read = new ReadResp.ReadEvent().setEvent(recorded).setCommitPosition(position);
  return Buffer.from(new ReadResp().setEvent(read).serializeBinary());
}

const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 200 });
const event: fc.Arbitrary<LogEvent> = fc.record({
  id: fc.uuid(),
  stream: text,
  type: text,
  contentType: fc.constantFrom('application/json', 'application/octet-stream'),
  data: fc.uint8Array({ maxLength: 300 }),
  metadata: fc.uint8Array({ maxLength: 300 }),
  revision: fc.oneof(
    fc.bigInt({ min: 0n, max: LAST_REVISION }),
    fc.constantFrom(0n, 127n, 128n, LAST_REVISION),
  ),
  position: fc.oneof(fc.maxSafeNat(), fc.constantFrom(0, 127, 128, Number.MAX_SAFE_INTEGER)),
  createdMs: fc.nat({ max: 4_102_444_800_000 }),
});

it('encodes an event byte by byte as the generated classes do', () => {
  const alike = fc.property(event, (each) => {
    expect(encodeEvent(each).equals(byGeneratedClasses(each))).toBe(true);
  });
  holds('the encoder of the protocol double', 2_000, alike);
});

it('encodes an event of a mebibyte', () => {
  const data = new Uint8Array(1_048_000).fill(7);
  const large = { ...fc.sample(event, { numRuns: 1, seed: 1 })[0]!, data };
  expect(encodeEvent(large).equals(byGeneratedClasses(large))).toBe(true);
});
