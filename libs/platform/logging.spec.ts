import { createLogger } from './logging.js';
import type { LogLevel } from './config-core.js';

function lines(level: LogLevel, write: (log: ReturnType<typeof createLogger>) => void): object[] {
  const written: string[] = [];
  write(createLogger({ level, name: 'api', destination: { write: (line: string) => written.push(line) } }));
  return written.map((line) => JSON.parse(line) as object);
}

test('a line is JSON with level as a word, ISO time, program and fields', () => {
  const [line] = lines('info', (log) => log.info({ port: 3000 }, 'listening'));
  expect(line).toEqual({
    level: 'info',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string,
    name: 'api',
    port: 3000,
    msg: 'listening',
  });
});

test('what lies below the level is not written', () => {
  const write = (log: ReturnType<typeof createLogger>): void => {
    log.debug('one');
    log.warn('two');
  };
  expect(lines('warn', write)).toHaveLength(1);
  expect(lines('silent', write)).toHaveLength(0);
});

test('an error keeps its kind, message and stack; secrets are hidden', () => {
  const [line] = lines('error', (log) =>
    log.error(
      { err: new RangeError('too far'), request: { authorization: 'Bearer x' }, password: 'y' },
      'failed',
    ),
  );
  expect(line).toMatchObject({
    err: { type: 'RangeError', message: 'too far', stack: expect.stringContaining('logging.spec') as string },
    request: { authorization: '[hidden]' },
    password: '[hidden]',
  });
});
