import type { ThreadReport } from './process-watch.js';

/** What the main thread says to the thread of the background roles. */
export type ToBackground = { readonly kind: 'stop' } | { readonly kind: 'report'; readonly question: number };

/** What that thread says. */
export type FromBackground =
  | { readonly kind: 'started' }
  /** Cannot start for a reason that the user can mend; errors lose their kind on the way between threads. */
  | { readonly kind: 'unusable'; readonly message: string }
  | { readonly kind: 'report'; readonly question: number; readonly report: ThreadReport };
