const ADDRESS_LENGTH_MAX = 254;
const LOCAL_LENGTH_MAX = 64;
/** What people really have: no quotes, no comments, no list, nothing that a header or an SMTP command could take amiss. */
const ADDRESS =
  /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;

export const ADDRESS_EXPECTED = 'one mail address, for example bea@example.com, at most 254 characters';

export const isMailAddress = (raw: unknown): raw is string =>
  typeof raw === 'string' &&
  raw.length <= ADDRESS_LENGTH_MAX &&
  raw.indexOf('@') <= LOCAL_LENGTH_MAX &&
  ADDRESS.test(raw);

/** Anything like an address, for texts of mail servers, which like to quote it. */
const ANY_ADDRESS = /[^\s<>"'(),;:]+@[^\s<>"'(),;:]+/g;

/** Personal data taken out: what is kept of a server's answer must not outlive the address itself. */
export const withoutAddresses = (text: string): string => text.replace(ANY_ADDRESS, '(address)');

/** The address of `Name <address>`, or the text itself. */
export const bareAddress = (sender: string): string => /<([^<>]*)>\s*$/.exec(sender)?.[1] ?? sender.trim();
