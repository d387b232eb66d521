import fc from 'fast-check';
import { holds } from '#test/support/property.js';
import { type CsvRecord, CsvReader, RECORD_CHARS_MAX } from './csv.js';

function read(...pieces: string[]): CsvRecord[] {
  const reader = new CsvReader();
  return [...pieces.flatMap((piece) => reader.push(piece)), ...reader.end()];
}

const cells = (...pieces: string[]) => read(...pieces).map((record) => record.cells);

describe('CSV is read as people and spreadsheets write it', () => {
  test.each([
    ['LF', 'a,b\n1,2\n'],
    ['CRLF', 'a,b\r\n1,2\r\n'],
    ['a last line without line end', 'a,b\n1,2'],
    ['CRLF and a last line without line end', 'a,b\r\n1,2'],
    ['a byte order mark', '\ufeffa,b\n1,2\n'],
    ['blank lines', '\n\na,b\n \t\r\n1,2\n\n\n'],
    ['quoted cells', '"a","b"\n1,"2"\n'],
    ['quoted cells and CRLF', '"a","b"\r\n"1","2"\r\n'],
    ['a quoted last cell without line end', 'a,b\n1,"2"'],
  ])('%s', (_name, text) =>
    expect(cells(text)).toEqual([
      ['a', 'b'],
      ['1', '2'],
    ]),
  );

  test('quoted cells hold commas, quotes and line ends', () => {
    expect(read('"a,b","c""d","e\r\nf"\ng,h,i\n')).toEqual([
      { line: 1, cells: ['a,b', 'c"d', 'e\r\nf'] },
      { line: 3, cells: ['g', 'h', 'i'] },
    ]);
  });

  test('empty cells stay', () =>
    expect(cells(',,\n"",a,\n')).toEqual([
      ['', '', ''],
      ['', 'a', ''],
    ]));
  test('an empty text has no records', () => expect(read('')).toEqual([]));
  test('a byte order mark alone has no records', () => expect(read('\ufeff')).toEqual([]));

  test('lines are counted with blank ones', () => {
    expect(read('h\n\n\r\nx\ny').map(({ line }) => line)).toEqual([1, 4, 5]);
  });
});

describe('a record that cannot be read costs one line', () => {
  test.each([
    ['a,"b\n1,2\n3,4\n', 'a quote opened on this line is not closed'],
    ['a,b"c\n1,2\n3,4\n', 'a quote stands inside an unquoted cell'],
    ['"a"b,c\n1,2\n3,4\n', 'text follows a closing quote'],
  ])('%p', (text, problem) => {
    const [first, ...rest] = read(text);
    expect(first).toEqual({ line: 1, cells: [text.split('\n')[0]], problem });
    expect(rest).toEqual([
      { line: 2, cells: ['1', '2'] },
      { line: 3, cells: ['3', '4'] },
    ]);
  });

  test('a quote left open does not swallow the rest of a long file', () => {
    const rows = Array.from({ length: 20_000 }, (_, i) => `${i},x\n`);
    const records = read(`"open,x\n`, ...rows);
    expect(records).toHaveLength(20_001);
    expect(records[0]?.problem).toBe('a quote opened on this line is not closed');
    expect(records.at(-1)).toEqual({ line: 20_001, cells: ['19999', 'x'] });
  });

  test('a line without end is reported once and passed over', () => {
    const piece = 'x'.repeat(RECORD_CHARS_MAX);
    const records = read('a\n', piece, piece, piece, 'y\nb\n');
    expect(records.map(({ line, problem }) => [line, problem !== undefined])).toEqual([
      [1, false],
      [2, true],
      [3, false],
    ]);
  });
});

test('how the text is cut into pieces changes nothing (property)', () => {
  const text = fc
    .array(fc.constantFrom('a', 'b', ',', '"', '""', '\n', '\r\n', '1', '\ufeff'), { maxLength: 40 })
    .map((parts) => parts.join(''));
  holds(
    'csv cut into pieces',
    2_000,
    fc.property(text, fc.array(fc.nat(40), { maxLength: 6 }), (whole, cuts) => {
      const bounds = [
        0,
        ...cuts.map((cut) => Math.min(cut, whole.length)).sort((a, b) => a - b),
        whole.length,
      ];
      const pieces = bounds.slice(1).map((bound, i) => whole.slice(bounds[i], bound));
      expect(read(...pieces)).toEqual(read(whole));
    }),
  );
});

test('what was written with every cell quoted is read back (property)', () => {
  const cell = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r', ' ', 'é'), maxLength: 8 });
  const rows = fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { maxLength: 8 });
  holds(
    'csv written and read back',
    200,
    fc.property(rows, (written) => {
      const text = written
        .map((row) => `${row.map((each) => `"${each.replaceAll('"', '""')}"`).join(',')}\r\n`)
        .join('');
      expect(cells(text)).toEqual(written);
    }),
  );
});
