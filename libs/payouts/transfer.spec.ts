import { expect, test } from '@jest/globals';
import { type LedgerState, nextStep, type Step, TRANSFER_STATES, type TransferState } from './transfer.js';

type Row = readonly [requested: Step, sent: Step, settled: Step, failed: Step];

/** What follows from what the provider has made of it (rows) and what the log says (columns), all recorded by us. */
const TABLE: Readonly<Record<TransferState, Row>> = {
  waiting: ['send', 'withdraw', 'withdraw', 'withdraw'],
  attempted: ['look_up', 'look_up', 'look_up', 'look_up'],
  collected: ['look_up', 'withdraw', 'withdraw', 'withdraw'],
  withdrawn: ['none', 'none', 'none', 'none'],
  sent: ['none', 'none', 'none', 'show_conflict'],
  settled: ['record_settled', 'record_settled', 'none', 'show_conflict'],
  failed: ['record_failed', 'record_failed', 'record_failed', 'none'],
};
const COLUMNS: readonly LedgerState[] = ['requested', 'sent', 'settled', 'failed'];

test.each(TRANSFER_STATES)('%s', (state) => {
  const steps = COLUMNS.map((ledgerState) =>
    nextStep({ state, ledgerState, sentRecorded: true, failedFrom: 'requested' }),
  );
  expect(steps).toEqual(TABLE[state]);
});

test.each(['sent', 'settled'] as const)('%s and not recorded by us is recorded first', (state) => {
  for (const ledgerState of ['requested', 'sent', 'settled'] as const) {
    expect(nextStep({ state, ledgerState, sentRecorded: false })).toBe('record_sent');
  }
});

test('finance may fail what it knows to be sent: that is no conflict', () => {
  const failed = { ledgerState: 'failed', sentRecorded: true } as const;
  expect(nextStep({ ...failed, state: 'sent', failedFrom: 'sent' })).toBe('none');
  expect(nextStep({ ...failed, state: 'settled', failedFrom: 'settled' })).toBe('none');
  expect(nextStep({ ...failed, state: 'settled', failedFrom: 'sent' })).toBe('show_conflict');
});
