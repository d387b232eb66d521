import type { ReadReq } from '@eventstore/db-client/generated/streams_pb.js';
import type { LogEvent } from './log-event.js';
import { BadRequestError } from './requests.js';

/** Events that a filtered subscription looks through in one go, when it does not say how many. */
const SEARCH_WINDOW_DEFAULT = 32;

export interface EventFilter {
  readonly matches: (event: LogEvent) => boolean;
  /** Events looked at from one checkpoint to the next. */
  readonly checkpointEvery: number;
}

/** The filter of a read or subscription of $all. Throws BadRequestError for an expression that is none. */
export function filterOf(options: ReadReq.Options): EventFilter | undefined {
  const filter = options.getFilter();
  if (!filter) return undefined;
  const window = filter.hasMax() ? filter.getMax() : SEARCH_WINDOW_DEFAULT;
  const checkpointEvery = window * Math.max(1, filter.getCheckpointintervalmultiplier());
  const byStream = filter.getStreamIdentifier();
  const expression = byStream ?? filter.getEventType();
  if (!expression) throw new BadRequestError('The filter names neither streams nor event types.');
  const accepts = matcherOf(expression);
  const matches = byStream ? (event: LogEvent) => accepts(event.stream) : (e: LogEvent) => accepts(e.type);
  return { matches, checkpointEvery };
}

function matcherOf(expression: ReadReq.Options.FilterOptions.Expression): (text: string) => boolean {
  const prefixes = expression.getPrefixList();
  if (prefixes.length > 0) return (text) => prefixes.some((prefix) => text.startsWith(prefix));
  try {
    const pattern = new RegExp(expression.getRegex(), 'u');
    return (text) => pattern.test(text);
  } catch (error) {
    throw new BadRequestError(`The filter's regular expression is none: ${String(error)}`);
  }
}
