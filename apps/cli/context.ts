import type { Config } from '#libs/platform/config.js';
import type { ProgressOutput } from './import-usage/progress.js';

/** What a command gets from the process it runs in. */
export interface CommandContext {
  /** Read when a command needs it, so that help works with any environment. @throws ConfigurationError */
  readonly config: () => Config;
  readonly stdout: ProgressOutput;
  readonly stderr: ProgressOutput;
  /** Fires on Ctrl-C or SIGTERM: commands end as soon as they can, and clean up. */
  readonly signal: AbortSignal;
  /** Of the process once the command is through. */
  exitCode: number;
}
