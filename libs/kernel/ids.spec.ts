import { FlowId, HoldId, PaymentId, PayoutId, PromptId, RefundId, RunId, UserId } from './ids.js';

const TYPES = { UserId, RunId, PromptId, FlowId, PaymentId, HoldId, RefundId, PayoutId };

describe('an id is [A-Za-z0-9][A-Za-z0-9._-]{0,127} (domain rules, section 1)', () => {
  test.each([
    ['1 character', 'u'],
    ['128 characters', `u${'-'.repeat(127)}`],
    ['a digit first', '0'],
    ['dots, underscores and dashes behind the first', 'A.b_c-9'],
    ['upper and lower case', 'aZ'],
  ])('%s is one', (_what, raw) => {
    for (const type of Object.values(TYPES)) expect(type.parse(raw)).toEqual({ ok: true, value: raw });
  });

  test.each([
    ['nothing', ''],
    ['129 characters', `u${'-'.repeat(128)}`],
    ['a dot first', '.u'],
    ['an underscore first', '_u'],
    ['a dash first', '-u'],
    ['a space', 'u 1'],
    ['a line break behind it', 'u-1\n'],
    ['a slash', 'u/1'],
    ['a colon', 'u:1'],
    ['another letter than A-Z a-z', 'ü'],
    ['another digit than 0-9', '٣'],
    ['a number', 7],
    ['null', null],
  ])('%s is none', (_what, raw) => {
    for (const type of Object.values(TYPES)) {
      expect(type.parse(raw)).toEqual({
        ok: false,
        error: 'must be 1 to 128 characters of A-Z a-z 0-9 . _ - beginning with a letter or digit',
      });
    }
  });

  test('ids are compared bytewise: upper and lower case are two users', () => {
    const [upper, lower] = [UserId.of('U-1'), UserId.of('u-1')];
    expect([upper === lower, upper < lower]).toEqual([false, true]);
  });

  test.each(Object.entries(TYPES))('%s.of names the type and the text that is none', (name, type) => {
    expect(() => type.of('$all')).toThrow(`${name} "$all" must be 1 to 128 characters`);
  });
});
