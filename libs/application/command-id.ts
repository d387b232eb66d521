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
