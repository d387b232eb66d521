import { Buffer } from 'node:buffer';
import type { Client, Connection, Submittable } from 'pg';

/** What the driver's connection can do for COPY; its published types leave it out. */
interface CopyConnection {
  query(text: string): void;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
}

/**
 * `COPY … FROM STDIN` in one round trip: statement, data and end are sent together. When the statement fails the
 * server drops the data behind it (protocol: messages of a failed COPY are ignored), so nothing is left half sent.
 */
class CopyIn implements Submittable {
  readonly done: Promise<void>;
  #resolve!: () => void;
  #reject!: (error: Error) => void;
  #error: Error | undefined;
  /** The driver puts its own here, to learn that its time limit is off; callers use the promise. */
  callback: (error?: Error) => void = () => undefined;

  constructor(
    private readonly statement: string,
    private readonly data: Buffer,
  ) {
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  submit(connection: Connection): void {
    const wire = connection as unknown as CopyConnection;
    wire.query(this.statement);
    wire.sendCopyFromChunk(this.data);
    wire.endCopyFrom();
  }

  handleCopyInResponse(): void {}

  handleCommandComplete(): void {}

  handleReadyForQuery(): void {
    this.callback(this.#error);
    if (this.#error === undefined) this.#resolve();
  }

  handleError(error: Error): void {
    this.#error = error;
    this.callback(error);
    this.#reject(error);
  }
}

/** Writes lines in COPY's text format into `target`, for example `entries (position, account)`. */
export function copyIn(client: Client, target: string, lines: string): Promise<void> {
  return client.query(new CopyIn(`copy ${target} from stdin`, Buffer.from(lines, 'utf8'))).done;
}
