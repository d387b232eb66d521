// Makes `npx ledger` find the command of this very checkout without asking: npm links the commands of dependencies
// only, and would otherwise put a copy of the package into its cache first.
import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

const BIN = join(import.meta.dirname, '..', 'node_modules', '.bin');
const LINK = join(BIN, 'ledger');

if (existsSync(join(BIN, '..')) && process.platform !== 'win32') {
  mkdirSync(BIN, { recursive: true });
  rmSync(LINK, { force: true });
  symlinkSync(join('..', '..', 'scripts', 'ledger.mjs'), LINK);
}
