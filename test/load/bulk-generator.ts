import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

export interface BulkPlan {
  /** Charges a second that are offered, evenly. */
  readonly chargesPerSecond: number;
  readonly seconds: number;
}

/** Offers bulks from a process of its own: making and reading them must not delay whoever measures single charges. */
export class BulkGenerator {
  private readonly child: ChildProcess;

  constructor(
    private readonly url: string,
    private readonly users: readonly string[],
  ) {
    this.child = fork(join(import.meta.dirname, 'bulk-child.js'));
  }

  /** @throws when an item was not charged: a benchmark of refusals says nothing. */
  async offer(plan: BulkPlan): Promise<Record<string, unknown>> {
    const answered = once(this.child, 'message');
    this.child.send({ ...plan, url: this.url, users: this.users });
    const [{ line, failure }] = (await answered) as [{ line?: Record<string, unknown>; failure?: string }];
    if (line === undefined) throw new Error(failure);
    return line;
  }

  stop(): void {
    this.child.kill();
  }
}
