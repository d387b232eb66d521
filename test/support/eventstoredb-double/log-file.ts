import { closeSync, mkdirSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { LogEvent } from './log-event.js';

const FILE = 'protocol-double.log';

interface StoredEvent {
  readonly stream: string;
  readonly revision: string;
  readonly position: number;
  readonly createdMs: number;
  readonly id: string;
  readonly type: string;
  readonly contentType: string;
  /** Base64. */
  readonly data: string;
  readonly metadata: string;
}

/** An append-only file: one line an append, so that an append torn by a kill is dropped as a whole. */
export class LogFile {
  readonly #file: number;

  private constructor(
    path: string,
    /** What was there when it was opened. */
    readonly events: readonly LogEvent[],
  ) {
    this.#file = openSync(path, 'a');
  }

  /** Opens the log of a folder, which is made when missing. A torn last line is cut off; a broken earlier one throws. */
  static open(folder: string): LogFile {
    mkdirSync(folder, { recursive: true });
    const path = join(folder, FILE);
    closeSync(openSync(path, 'a'));
    const bytes = readFileSync(path);
    const end = bytes.lastIndexOf('\n') + 1;
    if (end < bytes.length) truncateSync(path, end);
    const lines = bytes.subarray(0, end).toString('utf8').split('\n').slice(0, -1);
    return new LogFile(
      path,
      lines.flatMap((line, i) => parseLine(line, `${path}, line ${i + 1}`)),
    );
  }

  append(events: readonly LogEvent[]): void {
    const line = Buffer.from(`${JSON.stringify(events.map(storedOf))}\n`);
    for (let written = 0; written < line.length; written += writeSync(this.#file, line, written));
  }

  close(): void {
    closeSync(this.#file);
  }
}

function storedOf({ encoded: _, revision, data, metadata, ...rest }: LogEvent): StoredEvent {
  return { ...rest, revision: String(revision), data: base64(data), metadata: base64(metadata) };
}

function parseLine(line: string, where: string): LogEvent[] {
  try {
    return (JSON.parse(line) as StoredEvent[]).map(({ revision, data, metadata, ...rest }) => ({
      ...rest,
      revision: BigInt(revision),
      data: Buffer.from(data, 'base64'),
      metadata: Buffer.from(metadata, 'base64'),
    }));
  } catch (error) {
    throw new Error(`The protocol double's log is broken at ${where}. Start with another folder.`, {
      cause: error,
    });
  }
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
