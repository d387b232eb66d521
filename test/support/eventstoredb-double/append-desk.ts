import { appendSize } from './log-event.js';
import { systemEvent, type AppendAnswer, type Log } from './log.js';
import { conflictAnswer, type Faults } from './faults.js';
import type { AppendRequest } from './requests.js';

/** What one append may hold in all: data, metadata and types. */
export const APPEND_BYTES_MAX = 1_048_576;

export type AppendReply = AppendAnswer | { readonly kind: 'too-large' } | { readonly kind: 'lost' };

export interface AppendDeskOptions {
  readonly log: Log;
  readonly faults: Faults;
  /** Cuts the connection of a peer, so that it never hears what became of its append. */
  readonly cut: (peer: string) => void;
  /** After every so many appends the server writes an event of its own; 0 for never. */
  readonly statsEveryAppends: number;
  readonly statsStream: string;
}

/** Where both append paths end: limits, planned faults, the log. */
export class AppendDesk {
  #appends = 0;

  constructor(private readonly options: AppendDeskOptions) {}

  handle(request: AppendRequest, peer: string): AppendReply {
    const { log, faults, cut } = this.options;
    if (request.events.reduce((sum, event) => sum + appendSize(event), 0) > APPEND_BYTES_MAX) {
      return { kind: 'too-large' };
    }
    const fault = faults.takeFor(request.stream);
    if (!fault) return this.#write(request);
    if (fault.kind === 'conflict') {
      return conflictAnswer(fault.actual, log.stream(request.stream)?.last ?? -1n);
    }
    if (fault.when === 'after-commit') this.#write(request);
    if (fault.when === 'late') fault.hold(() => void this.#write(request));
    cut(peer);
    return { kind: 'lost' };
  }

  #write({ stream, events, expected }: AppendRequest): AppendAnswer {
    const { log, statsEveryAppends, statsStream } = this.options;
    const answer = log.append(stream, events, expected);
    this.#appends++;
    if (statsEveryAppends > 0 && this.#appends % statsEveryAppends === 0) {
      log.append(
        statsStream,
        [systemEvent('$statsCollected', { 'es-writer-appends': this.#appends })],
        'any',
      );
    }
    return answer;
  }
}
