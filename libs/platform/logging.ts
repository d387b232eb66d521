import { type DestinationStream, type Logger, pino } from 'pino';
import type { LogLevel } from './config-core.js';

export type { Logger } from 'pino';

/** Fields that may hold a secret, at the top or one level down, are never written. */
const SECRET_FIELDS = [
  'password',
  'authorization',
  'apiKey',
  'connectionString',
  'databaseUrl',
  'secret',
  'token',
];

export interface LoggerOptions {
  readonly level: LogLevel;
  /** Which program writes, for example `api`. */
  readonly name: string;
  /** Default: standard output. */
  readonly destination?: DestinationStream;
}

/** JSON lines with `level` as a word and `time` in ISO 8601 UTC. An error goes into the field `err`. */
export function createLogger({ level, name, destination }: LoggerOptions): Logger {
  return pino(
    {
      level,
      base: { name },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`]), censor: '[hidden]' },
    },
    destination ?? pino.destination({ dest: 1, sync: true }),
  );
}
