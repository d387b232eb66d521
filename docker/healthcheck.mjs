// Exit code 0 when the process of this container says that it is well: healthcheck.mjs [live|ready].
import { get } from 'node:http';

const ANSWER_MS_MAX = 4_000;

const port = process.env.METRICS_PORT;
const path = `/health/${process.argv[2] ?? 'live'}`;
if (!port) {
  console.error('METRICS_PORT is not set: nothing tells how the process is doing.');
  process.exit(1);
}
const request = get({ host: '127.0.0.1', port, path, timeout: ANSWER_MS_MAX }, (response) => {
  // Docker keeps what is said here: `docker inspect` shows why.
  response.pipe(process.stdout);
  response.on('end', () => process.exit(response.statusCode === 200 ? 0 : 1));
});
request.on('timeout', () => request.destroy(new Error(`no answer within ${ANSWER_MS_MAX} ms`)));
request.on('error', (error) => {
  console.error(`${path}: ${error.message}`);
  process.exit(1);
});
