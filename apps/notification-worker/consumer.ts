import { PUBLIC_EVENT_TYPES, type PublicEvent } from '#libs/contracts/public/public-event.js';
import type { Clock } from '#libs/kernel/clock.js';
import type { Consumer } from '#libs/messaging/consumer.js';
import { meaningOf, ownerOf } from '#libs/notifications/notes-of-event.js';
import { sendToEndpoints, usersWithEndpoints } from '#libs/notifications/webhooks/endpoints.js';
import { messageOf } from '#libs/notifications/webhooks/types.js';
import { addToDay, writeNotes } from '#libs/notifications/write-notes.js';

const NOBODY = 'nobody wants to be told';

/** Writes down who is to be told of an event, in which ways; sending is the dispatcher's. */
export function notificationConsumer(clock: Clock): Consumer {
  return {
    name: 'notifications',
    // Webhooks may ask for any of them.
    types: PUBLIC_EVENT_TYPES,
    handle: async (event, tx) => {
      const now = clock.now();
      const { notes, earnings } = meaningOf(event);
      const { inApp, mails } = await writeNotes(tx, notes, now);
      if (earnings) await addToDay(tx, earnings, now);
      const sent = { userId: ownerOf(event), key: event.id, message: messageOf(event) };
      const webhooks = await sendToEndpoints(tx, sent, now);
      return earnings || inApp + mails + webhooks > 0 ? 'done' : { skipped: NOBODY };
    },
    // Most events are charges, which mean nothing for people and which few webhooks ask for.
    passOver: async (events, tx) => {
      const silent = events.filter((event) => meansNothing(event));
      const listening = await usersWithEndpoints(tx, new Set(silent.map(ownerOf)));
      const unheard = silent.filter((event) => !listening.has(ownerOf(event)));
      return { ids: new Set(unheard.map(({ id }) => id)), reason: NOBODY };
    },
  };
}

function meansNothing(event: PublicEvent): boolean {
  const { notes, earnings } = meaningOf(event);
  return notes.length === 0 && earnings === undefined;
}
