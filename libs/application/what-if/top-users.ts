import { costChangeOf, EMPTY_LINE, type Line, sumOfLines } from './figures.js';

export interface UserLine extends Line {
  readonly userId: string;
}

const weightOf = (line: Line): bigint => {
  const change = costChangeOf(line);
  return change < 0n ? -change : change;
};

/** The heaviest first; of two alike the smaller id. */
const compare = (a: UserLine, b: UserLine): number => {
  const [left, right] = [weightOf(a), weightOf(b)];
  if (left !== right) return left > right ? -1 : 1;
  return a.userId < b.userId ? -1 : 1;
};

/**
 * The users whose cost changes most, exactly, and the sum of all others: users come one after another, each whole, so
 * `max` lines are all that has to be kept.
 */
export class TopUsers {
  private readonly kept: UserLine[] = [];
  private restLine: Line = EMPTY_LINE;
  private restUsers = 0;

  constructor(private readonly max: number) {}

  add(user: UserLine): void {
    const last = this.kept.at(-1);
    if (this.kept.length < this.max || (last !== undefined && compare(user, last) < 0)) {
      const place = this.kept.findIndex((other) => compare(user, other) < 0);
      this.kept.splice(place === -1 ? this.kept.length : place, 0, user);
      if (this.kept.length > this.max) this.leaveOut(this.kept.pop()!);
    } else {
      this.leaveOut(user);
    }
  }

  get users(): readonly UserLine[] {
    return this.kept;
  }

  get others(): Line & { readonly users: number } {
    return { users: this.restUsers, ...this.restLine };
  }

  private leaveOut({ userId: _userId, ...line }: UserLine): void {
    this.restUsers++;
    this.restLine = sumOfLines(this.restLine, line);
  }
}
