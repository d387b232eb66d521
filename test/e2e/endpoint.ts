import type { BadRequest } from './bad-request.js';

export type Body = Readonly<Record<string, unknown>>;
/** A change to the valid fields, and the fields that must be named for it. */
export type Case = readonly [name: string, change: Body, ...fields: string[]];

/** A command, or a question with a body, and what is particular about it. */
export interface Endpoint {
  readonly method?: Exclude<BadRequest['method'], 'GET'>;
  /** With a valid id for each path parameter. */
  readonly path: string;
  /** Path parameters by name, with the id that stands for each in `path`. */
  readonly pathIds?: Readonly<Record<string, string>>;
  /** Fields that it would take: of the body, or of the query when the method is DELETE. */
  readonly valid: Body;
  readonly optional?: readonly string[];
  /** Fields of each kind, for the cases that every such field must refuse. */
  readonly ids?: readonly string[];
  readonly amounts?: readonly string[];
  /** JSON integers from 0 to 10^9. */
  readonly tokens?: readonly string[];
  readonly own?: readonly Case[];
  /** A question needs no key. Default true. */
  readonly keyed?: boolean;
}
