import { readFileSync } from 'node:fs';
import { type LogLevel, type Role, Unusable, type Variable, VARIABLES } from './config-variables.js';

export type { LogLevel, Role } from './config-variables.js';

/** The configuration of one process, checked. Variables and their meaning: `config-variables.ts`. */
export interface Config {
  readonly port: number;
  readonly host: string;
  /** Absolute. */
  readonly dataDir: string;
  /** Absent: the embedded Postgres under `dataDir`. */
  readonly databaseUrl: string | undefined;
  readonly roles: readonly Role[];
  readonly logLevel: LogLevel;
  /** Credits. */
  readonly creatorFeeMax: bigint;
  /** Days that a creator's earnings wait before they can be paid out. */
  readonly holdingPeriodDays: number;
  /** Credits. */
  readonly payoutMinimum: bigint;
  /** Credits in one plan credit. */
  readonly planCredit: bigint;
  /** Absent: made under `dataDir`. */
  readonly signingKey: string | undefined;
  /** For the command line; absent: the engine under `dataDir`. */
  readonly ledgerUrl: string | undefined;
}

/** One or more variables cannot be used; the message has one line for each. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  constructor(readonly problems: readonly string[]) {
    super(`The configuration cannot be used:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the whole configuration. An empty variable counts as absent; a secret may be given as `NAME_FILE`.
 * @throws ConfigurationError naming every variable that cannot be used, what was expected, and an example.
 */
export function loadConfig(env: Environment): Config {
  const problems: string[] = [];
  const read = <T>(name: string, variable: Variable<T>): T | undefined => {
    const raw = rawValue(name, variable, env, problems);
    if (raw === undefined) return undefined;
    try {
      return variable.parse(raw);
    } catch (error) {
      if (!(error instanceof Unusable)) throw error;
      const shown = variable.secret ? 'its value (not shown)' : JSON.stringify(raw);
      problems.push(
        `${name}: ${shown} was given, expected ${error.expected}. Example: ${name}=${variable.example}`,
      );
      return undefined;
    }
  };
  const values = Object.fromEntries(
    Object.entries<Variable<unknown>>(VARIABLES).map(([name, variable]) => [name, read(name, variable)]),
  ) as { [Name in keyof typeof VARIABLES]: ReturnType<(typeof VARIABLES)[Name]['parse']> };
  if (problems.length > 0) throw new ConfigurationError(problems);
  return {
    port: values.PORT,
    host: values.HOST,
    dataDir: values.DATA_DIR,
    databaseUrl: values.DATABASE_URL,
    roles: values.ROLES,
    logLevel: values.LOG_LEVEL,
    creatorFeeMax: values.CREATOR_FEE_MAX,
    holdingPeriodDays: values.HOLDING_PERIOD_DAYS,
    payoutMinimum: values.PAYOUT_MINIMUM,
    planCredit: values.PLAN_CREDIT,
    signingKey: values.SIGNING_KEY,
    ledgerUrl: values.LEDGER_URL,
  };
}

function rawValue(
  name: string,
  variable: Variable<unknown>,
  env: Environment,
  problems: string[],
): string | undefined {
  const given = env[name] || undefined;
  const file = (variable.secret && env[`${name}_FILE`]) || undefined;
  if (file === undefined) return given ?? variable.default;
  if (given !== undefined) {
    problems.push(`${name}: given both as ${name} and as ${name}_FILE. Unset one of them.`);
    return undefined;
  }
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    problems.push(
      `${name}_FILE: the file cannot be read (${reason}), expected a file with the value of ${name}. Example: ${name}_FILE=/run/secrets/${name.toLowerCase()}`,
    );
    return undefined;
  }
}
