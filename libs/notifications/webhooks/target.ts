import { isIP } from 'node:net';
import { err, ok, type Result } from '#libs/kernel/result.js';
import { isPublicAddress } from './address.js';

const URL_LENGTH_MAX = 2_048;
/** What the URL parser would quietly take out or turn round: a person would read another address than is used. */
const UNCLEAR = /[\s\\\p{Cc}]/u;
/** A host follows the slashes at once, with nobody's name before it (not even an empty one), and there is no fragment. */
const PLAIN = /^https?:\/\/[^/?#@]+([/?][^#]*)?$/i;
const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'https:': '443', 'http:': '80' };

/** Where a webhook goes to. */
export interface Target {
  readonly url: URL;
  /** Named by the operator: it may be private and speak plain http. */
  readonly allowed: boolean;
}

/** What an address of a webhook must look like, for error messages. */
export const TARGET_EXPECTED =
  'an https:// address of a public host, at most 2,048 characters, without user name, password or fragment';

/**
 * Reads the address of a webhook; `allowedHosts` (host:port) may be private and speak plain http. A host by name is
 * looked up, and its addresses are judged, when a connection is made: see `publicLookup`.
 */
export function parseTarget(raw: unknown, allowedHosts: readonly string[]): Result<Target, string> {
  const refused = err(`must be ${TARGET_EXPECTED}`);
  if (typeof raw !== 'string' || raw.length > URL_LENGTH_MAX || UNCLEAR.test(raw)) return refused;
  if (!PLAIN.test(raw) || !URL.canParse(raw)) return refused;
  // The parser writes every form of an IPv4 address (decimal, octal, hexadecimal, short) as the usual one.
  const url = new URL(raw);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = url.port === '' ? DEFAULT_PORTS[url.protocol]! : url.port;
  if (allowedHosts.some((each) => each.toLowerCase() === `${host}:${port}`)) {
    return ok({ url, allowed: true });
  }
  if (url.protocol !== 'https:') return err('must begin with https://');
  if (isIP(host) !== 0 && !isPublicAddress(host)) return err('must not be a private or reserved address');
  if (isLocalName(host)) return err('must be a public host name');
  return ok({ url, allowed: false });
}

/** Names that only mean something inside a machine or network. */
function isLocalName(host: string): boolean {
  if (isIP(host) !== 0) return false;
  const name = host.replace(/\.$/, '');
  return !name.includes('.') || /(^|\.)(localhost|local|internal|home\.arpa)$/.test(name);
}

/** Without its query, which may hold a secret. */
export const shownUrl = ({ origin, pathname }: URL): string => `${origin}${pathname}`;
