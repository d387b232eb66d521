import { arrayLiteral, copyCell } from './text-format.js';

test.each([
  ['u-1', 'u-1'],
  ['NULL', 'NULL'],
  ['\\N', '\\\\N'],
  ['a\tb\nc\rd\\e', 'a\\tb\\nc\\rd\\\\e'],
  ['', ''],
  [undefined, '\\N'],
  [-5n, '-5'],
  [999_999_999_999_999_999n, '999999999999999999'],
  [7, '7'],
  [true, 't'],
  [false, 'f'],
])('%j in a COPY line is %j', (value, text) => {
  expect(copyCell(value)).toBe(text);
});

test.each([
  [['u-1', 'a.b:c_d'], '{u-1,a.b:c_d}'],
  [['NULL', 'null', 'Nullable'], '{"NULL","null",Nullable}'],
  [['', ' ', 'a,b', '{}'], '{""," ","a,b","{}"}'],
  [['say "hi"', 'back\\slash'], '{"say \\"hi\\"","back\\\\slash"}'],
  [[1n, undefined, -2], '{1,NULL,-2}'],
  [[true, false], '{true,false}'],
  [[], '{}'],
])('%j as an array is %j', (values, text) => {
  expect(arrayLiteral(values)).toBe(text);
});
