import type { EventFilter, RecordedEvent } from './port.js';

/** The part of a stream's name before its first dash. */
export function categoryOf(stream: string): string {
  const dash = stream.indexOf('-');
  return dash < 0 ? stream : stream.slice(0, dash);
}

/** A test for one event; `undefined` when the filter lets everything pass. */
export function matcherOf(
  filter: EventFilter,
): ((event: Pick<RecordedEvent, 'type' | 'stream'>) => boolean) | undefined {
  const types = filter.types && new Set(filter.types);
  const categories = filter.categories && new Set(filter.categories);
  if (!types && !categories) return undefined;
  return (event) =>
    (!types || types.has(event.type)) && (!categories || categories.has(categoryOf(event.stream)));
}
