import { PoisonMessageError } from './consumer.js';
import { isInfrastructureFault } from './infrastructure-fault.js';
import { backOffMs, RETRY_POLICY, verdictOn } from './retry-policy.js';

test('pauses double up to the longest, and chance shortens them by half at most', () => {
  const policy = { delayMs: 100, delayMsMax: 1_000 };
  expect([1, 2, 3, 4, 5, 6].map((failures) => backOffMs(policy, failures, 0))).toEqual([
    100, 200, 400, 800, 1_000, 1_000,
  ]);
  expect(backOffMs(policy, 3, 1)).toBe(200);
  expect(backOffMs(policy, 10_000, 0)).toBe(1_000);
});

test('poison is parked at once, anything else when its tries run out', () => {
  expect(verdictOn(new PoisonMessageError('never'), 1, RETRY_POLICY)).toEqual({ state: 'parked' });
  expect(verdictOn(new Error('not now'), RETRY_POLICY.triesMax - 1, RETRY_POLICY).state).toBe('retrying');
  expect(verdictOn(new Error('not now'), RETRY_POLICY.triesMax, RETRY_POLICY)).toEqual({ state: 'parked' });
});

test.each([
  ['08006', true],
  ['40001', true],
  ['40P01', true],
  ['53300', true],
  ['55P03', true],
  ['57P01', true],
  ['25006', true],
  ['23505', false],
  ['22012', false],
  ['57014', false],
  ['42P01', false],
])('SQLSTATE %s is a fault of Postgres: %s', (code, expected) => {
  expect(isInfrastructureFault(Object.assign(new Error('x'), { code }))).toBe(expected);
});

test('an error without SQLSTATE is not judged by its words', () => {
  expect(isInfrastructureFault(new Error('Connection terminated unexpectedly'))).toBe(false);
});
