import { describe, jest } from '@jest/globals';
import { appendCases } from './conformance/appending.js';
import type { OpenStore } from './conformance/harness.js';
import { readCases } from './conformance/reading.js';
import { refusalCases } from './conformance/refusing.js';
import { retryCases } from './conformance/retrying.js';
import { subscriptionFaultCases } from './conformance/subscribing-faults.js';
import { subscriptionCases } from './conformance/subscribing.js';

/** Longer than any wait inside a case: a case that hangs names what it waited for. */
const CASE_MS_MAX = 45_000;

/**
 * What every adapter of the event-store port must show. `open` gives an empty log for each case; nothing in here
 * knows which store it runs on.
 */
export function eventStoreConformance(name: string, open: OpenStore): void {
  jest.setTimeout(CASE_MS_MAX);
  describe(`event store: ${name}`, () => {
    describe('append', () => appendCases(open));
    describe('append refuses', () => refusalCases(open));
    describe('append repeated', () => retryCases(open));
    describe('read', () => readCases(open));
    describe('subscribe', () => subscriptionCases(open));
    describe('subscribe under faults', () => subscriptionFaultCases(open));
  });
}
