import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CsvReader } from '../files/csv.js';
import { csvCell, rejectLine, RejectsFile } from './rejects.js';

describe('a cell of the rejects file', () => {
  test.each([
    ['plain', 'plain'],
    ['', ''],
    ['a,b', '"a,b"'],
    ['say "no"', '"say ""no"""'],
    ['two\nlines', '"two\nlines"'],
    ['=1+1', "'=1+1"],
    ['+5', "'+5"],
    ['-1', "'-1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\tx', "'\tx"],
    ['\rx', '"\'\rx"'],
    ['=HYPERLINK("http://x","y")', '"\'=HYPERLINK(""http://x"",""y"")"'],
    ['a=1', 'a=1'],
  ])('%j is written %j', (raw, written) => expect(csvCell(raw)).toBe(written));

  test('no line of it begins a cell with a formula, whatever the row held', () => {
    const line = rejectLine({
      line: 7,
      kind: 'malformed',
      reason: '@reason',
      cells: ['=a', '+b', '-c', '\td'],
    });
    const [record] = new CsvReader().push(line);
    expect(record?.cells).toEqual(['7', 'malformed', "'@reason", "'=a", "'+b", "'-c", "'\td"]);
  });
});

describe('the rejects file', () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'promptflow-rejects-'));
    path = join(folder, 'x.rejects.csv');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('is made with the first row', async () => {
    const rejects = await RejectsFile.open(path, ['a', 'b']);
    expect(existsSync(path)).toBe(false);
    await rejects.write({ line: 3, kind: 'refused', reason: 'model.unpriced', cells: ['1', '2'] });
    await rejects.close();
    expect(readFileSync(path, 'utf8')).toBe('line,kind,reason,a,b\n3,refused,model.unpriced,1,2\n');
    expect(rejects.count).toBe(1);
  });

  test('of an earlier run goes when there is nothing to say', async () => {
    writeFileSync(path, 'line,kind,reason,a,b\n3,refused,model.unpriced,1,2\n');
    await (await RejectsFile.open(path, ['a', 'b'])).close();
    expect(existsSync(path)).toBe(false);
  });

  test('never takes the place of another file', async () => {
    writeFileSync(path, 'precious\n');
    await expect(RejectsFile.open(path, ['a'])).rejects.toThrow('is not a rejects file of an earlier import');
    expect(readFileSync(path, 'utf8')).toBe('precious\n');
  });

  test('that cannot be written says so', async () => {
    const rejects = await RejectsFile.open(join(folder, 'no-such-folder', 'x.csv'), ['a']);
    await rejects.write({ line: 1, kind: 'refused', reason: 'x', cells: [] }).catch(() => undefined);
    await expect(rejects.close()).rejects.toThrow('cannot be written');
  });
});
