import { ProblemError } from '../problem/problem.js';
import type { ProblemCode } from '../problem/codes.js';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Whether an id can be one that this server has given; the database would not understand any other. */
export const isRowId = (id: string): boolean => UUID.test(id);

/** The row, or the refusal that another's and a missing one share. @throws ProblemError */
export function foundOr<T>(row: T | undefined, code: ProblemCode): T {
  if (row === undefined) throw new ProblemError(code);
  return row;
}
