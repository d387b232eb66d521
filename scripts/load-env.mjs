// Reads a file .env of the folder the program is started from; a variable that is already set wins.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

export function loadEnvFile() {
  const file = resolve('.env');
  if (existsSync(file)) process.loadEnvFile(file);
}
