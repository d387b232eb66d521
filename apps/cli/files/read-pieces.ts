import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { CliError } from '../failure.js';

/** The text of a file of UTF-8, piece by piece; a byte order mark is kept. @throws CliError when it cannot be read */
export async function* readPieces(path: string, onBytes?: (bytes: Buffer) => void): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  try {
    // A folder opens without complaint and fails at the first read with a message that names nothing.
    if ((await stat(path)).isDirectory()) throw new CliError(`${path} is a folder. Name a file.`);
    for await (const bytes of createReadStream(path)) {
      onBytes?.(bytes as Buffer);
      yield decoder.decode(bytes as Buffer, { stream: true });
    }
  } catch (error) {
    if (error instanceof CliError || (error as NodeJS.ErrnoException).code === undefined) throw error;
    throw new CliError(`${path} cannot be read: ${(error as Error).message}`);
  }
  yield decoder.decode();
}
