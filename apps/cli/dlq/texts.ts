import type { KnownConsumer, ParkedMessage, ParkedStream } from '#libs/messaging/parked-messages.js';
import { grouped } from '../import-usage/summary-text.js';

// What a message carries is not ours: nothing of it may steer a terminal, or break its line.
const CONTROL = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu;

const harmless = (text: string): string => text.replaceAll(CONTROL, ' ');
const oneLine = (text: string): string => harmless(text).trim();

const counted = (count: number, noun: string): string => `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`;

const triesText = (tries: number): string => (tries === 1 ? '1 try' : `${tries} tries`);

/** What waits, one paragraph a stream. */
export function listText(streams: readonly ParkedStream[], consumers: readonly KnownConsumer[]): string {
  if (streams.length === 0) return 'No message waits.';
  const running = new Map(consumers.map(({ name, isRunning }) => [name, isRunning]));
  return streams
    .map((each) => {
      const { consumer, stream, state, dueAt, reason, since, tries, waiting, messageId } = each;
      const idle = running.get(consumer) === true ? '' : `, and no worker of ${consumer} runs`;
      const next = state === 'parked' ? 'parked' : `retrying, next at ${dueAt?.toISOString() ?? 'once'}`;
      return [
        `${consumer}  ${oneLine(stream)}  ${next}${idle}`,
        `  reason   ${oneLine(reason)}`,
        `  message  ${oneLine(messageId)}`,
        `  since    ${since.toISOString()}, ${triesText(tries)}, ${counted(waiting, 'message')} waiting`,
      ].join('\n');
    })
    .join('\n\n');
}

/** The messages of one stream, whole, with what became of each try. */
export function showText(messages: readonly ParkedMessage[]): string {
  return messages
    .map((each) =>
      [
        `message ${oneLine(each.messageId)}: ${outcomeText(each)}`,
        `  reason    ${oneLine(each.reason)}`,
        `  since     ${each.since.toISOString()}`,
        `  position  ${each.position ?? 'unknown: it could not be read'}`,
        ...each.tries.map(({ at, error }) => `  tried     ${at}  ${oneLine(error)}`),
        ...JSON.stringify(JSON.parse(each.message), undefined, 2)
          .split('\n')
          .map((line) => `  ${harmless(line)}`),
      ].join('\n'),
    )
    .join('\n\n');
}

function outcomeText({ state, endedAt, droppedBy, dropReason }: ParkedMessage): string {
  const at = endedAt?.toISOString() ?? '';
  switch (state) {
    case 'waiting':
      return 'waits';
    case 'handled':
      return `handled ${at}`;
    case 'dropped':
      return `dropped ${at} by ${oneLine(droppedBy ?? '')}: ${oneLine(dropReason ?? '')}`;
  }
}
