import { eventTopicsOf, topicOf, topicsOf } from './topics.js';

const TOPICS = topicsOf('promptflow.');

test('each category of streams has a topic below the prefix', () => {
  expect(TOPICS).toEqual({
    wallet: 'promptflow.wallet-events',
    creator: 'promptflow.creator-events',
    deadLetters: 'promptflow.dead-letters',
  });
  expect(topicOf(TOPICS, 'wallet-u-1')).toBe('promptflow.wallet-events');
  expect(topicOf(TOPICS, 'creator-u-1')).toBe('promptflow.creator-events');
});

test('consumers of events do not read what was put aside', () => {
  expect(eventTopicsOf('promptflow.')).toEqual(['promptflow.wallet-events', 'promptflow.creator-events']);
});

test('a stream without a topic is a fault by name', () => {
  expect(() => topicOf(TOPICS, 'payment-p-1')).toThrow('Stream payment-p-1: there is no topic');
});
