import { once } from 'node:events';
import { createServer, type IncomingMessage, request as ask, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { discardBody, type DiscardLimits } from './discard-body.js';

const MIB = 1024 * 1024;

/** What a client gets that sends a body to a server which refuses at once and closes. */
async function refused(
  body: { readonly bytes: number; readonly announced?: boolean; readonly isEndless?: boolean },
  limits: DiscardLimits,
): Promise<{ readonly status: number | undefined; readonly ms: number }> {
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    discardBody(request, () => response.writeHead(413, { connection: 'close' }).end('too large'), limits);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const startedAt = performance.now();
  const sending = ask({
    port: (server.address() as AddressInfo).port,
    host: '127.0.0.1',
    method: 'POST',
    headers: body.announced === true ? { 'content-length': body.bytes } : {},
  });
  const status = await new Promise<number | undefined>((resolve) => {
    sending.on('response', (response) => resolve(response.resume().statusCode));
    sending.on('error', () => resolve(undefined));
    if (body.isEndless === true) sending.write(Buffer.alloc(body.bytes));
    else sending.end(Buffer.alloc(body.bytes));
  });
  sending.destroy();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  return { status, ms: performance.now() - startedAt };
}

describe('a body that is refused unread', () => {
  test.each([{ announced: true }, { announced: false }])('is answered, every time: %j', async (how) => {
    for (let round = 0; round < 20; round++) {
      const { status } = await refused({ bytes: 8 * MIB, ...how }, { bytesMax: 16 * MIB, waitMsMax: 5_000 });
      expect(status).toBe(413);
    }
  });

  test('is not waited for when its client stops in the middle of it', async () => {
    const { status, ms } = await refused(
      { bytes: MIB, isEndless: true },
      { bytesMax: 16 * MIB, waitMsMax: 100 },
    );
    expect(status).toBe(413);
    expect(ms).toBeLessThan(5_000);
  });

  test.each([{ announced: true }, { announced: false }])(
    'is not read to the end when that is too far: %j',
    async (how) => {
      const { ms } = await refused(
        { bytes: 64 * MIB, isEndless: true, ...how },
        { bytesMax: MIB, waitMsMax: 60_000 },
      );
      expect(ms).toBeLessThan(30_000);
    },
  );
});
