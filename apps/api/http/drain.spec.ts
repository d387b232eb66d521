import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fastify, type FastifyInstance } from 'fastify';
import { drainOnClose } from './drain.js';

const ANSWER_MS = 300;
let server: FastifyInstance;
let port: number;

beforeEach(async () => {
  server = fastify();
  drainOnClose(server);
  server.get('/slow', async () => {
    await sleep(ANSWER_MS);
    return { done: true };
  });
  await server.listen({ port: 0, host: '127.0.0.1' });
  port = (server.server.address() as AddressInfo).port;
});

test('what was taken is answered, and a client that keeps its connection open does not hold up the end', async () => {
  const agent = new Agent({ keepAlive: true });
  const answered = new Promise<number | undefined>((resolve, reject) => {
    get({ agent, port, path: '/slow' }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode));
    }).on('error', reject);
  });
  await sleep(ANSWER_MS / 3);
  const began = performance.now();
  await server.close();
  expect(performance.now() - began).toBeLessThan(5 * ANSWER_MS);
  expect(await answered).toBe(200);
  agent.destroy();
});

test('a connection that was opened ahead and never used is closed at once', async () => {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  // Closing begins only when the server has seen it too.
  await sleep(50);
  const ended = once(socket, 'close');
  const began = performance.now();
  await server.close();
  await ended;
  expect(performance.now() - began).toBeLessThan(1_000);
});

test('a server that never listened closes', async () => {
  await server.close();
  const other = fastify();
  drainOnClose(other);
  await other.ready();
  await other.close();
});
