/** Exit codes of the command line. */
export const EXIT = {
  ok: 0,
  /** The ledger or a check refused something: differences, refused rows. */
  refused: 1,
  /** Wrong usage, a file that cannot be read, or no ledger to talk to. */
  unusable: 2,
  /** Stopped by Ctrl-C. */
  interrupted: 130,
} as const;

/** Ends the command with one clear message and an exit code; never a stack. */
export class CliError extends Error {
  override readonly name = 'CliError';
  constructor(
    message: string,
    readonly exitCode: number = EXIT.unusable,
  ) {
    super(message);
  }
}
