/** Wakes all who wait for anything at all to have changed; they look for themselves at what it was. */
export class Bell {
  #rung = 0;
  readonly #waiters = new Set<() => void>();

  /** Take it before looking, so that nothing rung meanwhile is missed. */
  get count(): number {
    return this.#rung;
  }

  ring(): void {
    this.#rung++;
    for (const wake of [...this.#waiters]) wake();
  }

  /** Resolves when it was rung after `count` was taken, or when the signal aborts. */
  async rungSince(count: number, signal: AbortSignal): Promise<void> {
    if (this.#rung !== count || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const wake = () => {
        this.#waiters.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.#waiters.add(wake);
      signal.addEventListener('abort', wake);
    });
  }
}

/** Resolves after `ms`, or at once when the signal aborts. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}
