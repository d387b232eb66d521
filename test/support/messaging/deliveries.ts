import type { PublishedRun } from './run-topic.js';

export interface DeliveryPlan {
  readonly messages: number;
  readonly users: number;
  /** Each message is sent from once to so many times. */
  readonly copiesMax: number;
  /** How many sends later a copy may come. */
  readonly distanceMax: number;
  /** From 0 to 1, exclusive. */
  readonly random: () => number;
}

/**
 * Messages as they reach a topic when everything that may go wrong goes wrong: those of one user come first in their
 * order, and again at any time later; users are mixed.
 */
export function deliveriesOf(plan: DeliveryPlan): readonly PublishedRun[] {
  const { messages, users, copiesMax, distanceMax, random } = plan;
  const below = (limit: number): number => Math.floor(random() * limit);
  const sends: { readonly run: PublishedRun; readonly at: number }[] = [];
  for (let n = 0; n < messages; n++) {
    const user = `u${below(users)}`;
    const run = { user, run: `run-${n}`, position: n + 1 };
    const copies = below(copiesMax);
    // A first send has its own place; copies come between and behind others.
    sends.push({ run, at: n });
    for (let copy = 0; copy < copies; copy++) sends.push({ run, at: n + 0.5 + below(distanceMax) });
  }
  return sends.sort((a, b) => a.at - b.at).map(({ run }) => run);
}
