import { hash } from 'node:crypto';
import type { Envelope } from './envelope.js';

/**
 * 32 hex digits that are the same for the same stream, principal and key: the domain names new things (lots) by it.
 * The parts are length-prefixed: no two triples read alike. Event ids are not made from it: two processes that decide
 * one key at the same moment may decide differently (clock, body), and equal ids would make the store take the second
 * append for a repeat of the first and its process believe events that were never written.
 */
export function commandIdOf(stream: string, { principal, key }: Envelope): string {
  return hash('sha256', `${stream.length}:${stream}${principal.length}:${principal}${key}`, 'hex').slice(
    0,
    32,
  );
}

/**
 * UUID (version 8) of a command's `index`-th event, for a writer that decides nothing and so always writes the same
 * under the same key (the bench's bare append). Deciders must not use it: see `commandIdOf`.
 */
export function eventIdOf(commandId: string, index: number): string {
  const tail = ((parseInt(commandId.slice(24, 32), 16) + index) >>> 0).toString(16).padStart(8, '0');
  return (
    `${commandId.slice(0, 8)}-${commandId.slice(8, 12)}-8${commandId.slice(13, 16)}` +
    `-a${commandId.slice(17, 20)}-${commandId.slice(20, 24)}${tail}`
  );
}
