import { ProblemError } from '../problem/problem.js';

/** @throws ProblemError for the first query parameter: this route has none. */
export function requireNoQuery(query: unknown): void {
  const [name] = Object.keys(query ?? {});
  if (name === undefined) return;
  throw ProblemError.invalid([{ field: name.slice(0, 128), message: 'is not a parameter of this route' }]);
}
