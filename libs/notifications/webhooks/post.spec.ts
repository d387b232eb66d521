import { once } from 'node:events';
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { publicLookup } from './address.js';
import { type Posted, postWebhook } from './post.js';

const TIMEOUT_MS = 300;
let server: Server | HttpServer | undefined;
const sockets = new Set<Socket>();

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => (server === undefined ? resolve(0) : server.close(resolve)));
  server = undefined;
});

async function listen(made: Server | HttpServer): Promise<number> {
  server = made;
  made.on('connection', (socket: Socket) => sockets.add(socket));
  made.listen(0, '127.0.0.1');
  await once(made, 'listening');
  return (made.address() as AddressInfo).port;
}

const post = (url: string, allowed = true): Promise<Posted> =>
  postWebhook({
    target: { url: new URL(url), allowed },
    headers: { 'webhook-id': 'x' },
    body: '{}',
    timeoutMs: TIMEOUT_MS,
  });

test('says the status, and how long the receiver wants to be left alone', async () => {
  const port = await listen(
    createHttpServer((_request, response) => response.writeHead(503, { 'retry-after': '7' }).end()),
  );
  expect(await post(`http://127.0.0.1:${port}/`)).toEqual({ status: 503, retryAfterMs: 7_000 });
});

test('sends bytes as they are, with their length and type, by a connection of its own', async () => {
  const seen: object[] = [];
  const port = await listen(
    createHttpServer((request, response) => {
      const { method, headers, url } = request;
      seen.push({ method, url, type: headers['content-type'], length: headers['content-length'] });
      response.end();
    }),
  );
  for (let i = 0; i < 2; i++) {
    const target = { url: new URL(`http://127.0.0.1:${port}/in?a=b`), allowed: true };
    expect(await postWebhook({ target, headers: {}, body: '{"a":"é"}' })).toEqual({ status: 200 });
  }
  expect(seen).toEqual(
    Array.from({ length: 2 }, () => ({
      method: 'POST',
      url: '/in?a=b',
      type: 'application/json',
      length: '10',
    })),
  );
  expect(sockets.size).toBeGreaterThanOrEqual(2);
});

test('a receiver that says nothing, or never ends, takes the time it has and no more', async () => {
  const silent = await listen(createServer());
  expect(await post(`http://127.0.0.1:${silent}/`)).toEqual({ fault: 'timeout' });
});

test('an answer that never ends is a time-out', async () => {
  const port = await listen(
    createHttpServer((_request, response) => {
      response.writeHead(200);
      response.write('x');
    }),
  );
  expect(await post(`http://127.0.0.1:${port}/`)).toEqual({ fault: 'timeout' });
});

test('what is no HTTP, and what is not there, is said by a code', async () => {
  const port = await listen(createServer((socket) => socket.end('hello\r\n\r\n')));
  expect(await post(`http://127.0.0.1:${port}/`)).toEqual({ fault: 'no_http' });
  expect((await post(`https://127.0.0.1:${port}/`)).fault).toMatch(/^(ERR_SSL|EPROTO|ECONN)/);
  server!.close();
  expect(await post(`http://127.0.0.1:${port}/`)).toEqual({ fault: 'ECONNREFUSED' });
});

test('a name that leads to a private address is not connected to, whatever it led to before', async () => {
  let connections = 0;
  const port = await listen(createServer(() => connections++));
  let asked = 0;
  // Public when it was registered, private when it is connected to (DNS rebinding), or both at once.
  for (const addresses of [['127.0.0.1'], ['8.8.8.8', '127.0.0.1'], ['::1'], ['::ffff:127.0.0.1']]) {
    const lookup = publicLookup((_host, _options, done) => {
      asked += 1;
      done(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      );
    });
    const target = { url: new URL(`http://hooks.example.com:${port}/`), allowed: false };
    expect(await postWebhook({ target, headers: {}, body: '{}', lookup })).toEqual({
      fault: 'private_address',
    });
  }
  expect([asked, connections]).toEqual([4, 0]);
});

test('a name that does not exist is said by a code', async () => {
  const lookup = publicLookup((_host, _options, done) =>
    done(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }), []),
  );
  const target = { url: new URL('https://hooks.example.com/'), allowed: false };
  expect(await postWebhook({ target, headers: {}, body: '{}', lookup })).toEqual({ fault: 'ENOTFOUND' });
});
