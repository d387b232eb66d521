/** Ids that are none: other normal forms, invisible and steering characters, separators, far too long. */
export const BAD_IDS: readonly (readonly [string, unknown])[] = [
  ['a number', 7],
  ['null', null],
  ['empty', ''],
  ['composed (NFC)', 'u\u00e9'],
  ['decomposed (NFD)', 'ue\u0301'],
  ['zero-width', 'u\u200b1'],
  ['right-to-left override', 'u\u202e1'],
  ['NUL', 'u\u0000'],
  ['CR LF', 'u\r\nSet-Cookie: a=b'],
  ['$-prefixed', '$all'],
  ['a path', '../u-1'],
  ['SQL', "u-1' or '1'='1"],
  ['an array', ['u-1']],
  ['an object', { $ne: null }],
  ['129 characters', 'u'.repeat(129)],
];

export const BAD_AMOUNTS: readonly (readonly [string, unknown])[] = [
  ['negative', -1],
  ['negative text', '-1'],
  ['fraction', 1.5],
  ['fraction text', '1.5'],
  ['2^53', 2 ** 53],
  ['19 digits', '9'.repeat(19)],
  ['hexadecimal', '0x10'],
  ['spaces', ' 12 '],
  ['empty', ''],
  ['plus sign', '+5'],
  ['leading zero', '007'],
  ['exponent text', '1e3'],
  ['Arabic digits', '\u0661\u0662'],
  ['true', true],
  ['null', null],
  ['an array', [1]],
];

/** Amounts that only JSON text can say. */
export const RAW_AMOUNTS: readonly (readonly [string, string])[] = [
  ['-0', '-0'],
  ['1e400', '1e400'],
  ['2^53+1', '9007199254740993'],
  ['2^63', '9223372036854775808'],
];

export const BAD_TOKENS: readonly (readonly [string, unknown])[] = [
  ['text', '10'],
  ['negative', -1],
  ['fraction', 0.5],
  ['over 10^9', 1_000_000_001],
  ['null', null],
];

/** Idempotency keys that are none. */
export const BAD_KEYS: readonly (readonly [string, { readonly key?: string }])[] = [
  ['missing', {}],
  ['empty', { key: '' }],
  ['256 characters', { key: 'k'.repeat(256) }],
  ['not ASCII', { key: 'cl\u00e9' }],
  ['a tab inside', { key: 'a\tb' }],
];

/** Only texts can stand in a URL. */
export const TEXT_IDS = BAD_IDS.filter((each): each is [string, string] => typeof each[1] === 'string');
