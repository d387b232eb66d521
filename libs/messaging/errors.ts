/** A consumer cannot go on until somebody acts; the message names the consumer and the way out. */
export class ConsumerStoppedError extends Error {
  override readonly name = 'ConsumerStoppedError';
  constructor(
    readonly consumer: string,
    problem: string,
    options?: ErrorOptions,
  ) {
    super(`Consumer ${consumer} has stopped: ${problem}`, options);
  }
}

/** A handler did not come to an end: its connection was closed, so that nothing of it can be kept. */
export class HandlerOverdueError extends Error {
  override readonly name = 'HandlerOverdueError';
  constructor(
    readonly messageId: string,
    limitMs: number,
  ) {
    super(`The handler did not end within ${limitMs} ms.`);
  }
}

export const asError = (value: unknown): Error => (value instanceof Error ? value : new Error(String(value)));
