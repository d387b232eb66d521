import { isStreamName, isTypeName } from '#libs/event-store/check-append.js';
import type { EventFilter } from '#libs/event-store/port.js';

const NAMESPACE = /^[A-Za-z][A-Za-z0-9]{0,31}$/;

/** A server-side filter on the name of the stream or on the type of the event. */
export interface ServerFilter {
  readonly on: 'stream' | 'type';
  readonly prefixes?: readonly string[];
  readonly regex?: string;
}

/**
 * What the streams of this log are called on the server. Streams of the adapter's own begin with an underscore, which
 * no stream of the port does: they are as invisible as the server's system events. With a namespace several logs lie
 * side by side on one server; without one, names are the port's own.
 */
export class LogNames {
  readonly #prefix: string;
  readonly identity: string;
  readonly clock: string;

  constructor(readonly namespace: string | undefined) {
    if (namespace !== undefined && !NAMESPACE.test(namespace)) {
      throw new RangeError(`namespace "${namespace}" is not one: letters and digits, a letter first.`);
    }
    this.#prefix = namespace === undefined ? '' : `${namespace}.`;
    this.identity = `_${this.#prefix}ledger_log`;
    this.clock = `_${this.#prefix}ledger_clock`;
  }

  onServer(stream: string): string {
    return this.#prefix + stream;
  }

  /** The port's name of a stream, `undefined` when events of it are not of this log. */
  ofLog(streamOnServer: string): string | undefined {
    if (!streamOnServer.startsWith(this.#prefix)) return undefined;
    const stream = streamOnServer.slice(this.#prefix.length);
    return isStreamName(stream) ? stream : undefined;
  }

  /** Links (`$>`) and other types that no append of the port could have written. */
  isOwnType(type: string): boolean {
    return isTypeName(type);
  }

  /** Lets everything of this log pass, and hardly anything else. */
  get all(): ServerFilter {
    return { on: 'stream', regex: `^${this.#prefix.replace('.', '\\.')}[A-Za-z][A-Za-z0-9_]*-` };
  }

  /**
   * The narrowest filter the server knows that lets pass all that `filter` does; `undefined` when nothing passes. It is
   * coarse (a prefix, and of two conditions only one), so events are checked again here.
   */
  narrowed({ types, categories }: EventFilter): ServerFilter | undefined {
    if (types?.length === 0 || categories?.length === 0) return undefined;
    if (types) return { on: 'type', prefixes: types };
    if (!categories) return this.all;
    return { on: 'stream', prefixes: categories.map((category) => `${this.#prefix}${category}-`) };
  }
}
