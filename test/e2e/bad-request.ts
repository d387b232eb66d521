import type { Question } from './http-client.js';

/** One request that must be refused, and what must be said. */
export interface BadRequest {
  readonly name: string;
  readonly method?: 'GET' | 'PUT' | 'DELETE' | 'PATCH' | 'POST';
  readonly path: string;
  readonly question?: Question;
  readonly status: number;
  readonly code: string;
  /** Every field that must be named, no other. */
  readonly fields?: readonly string[];
}
