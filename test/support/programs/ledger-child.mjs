// The built program as a child of a test: it ends with the test that started it, however that ends.
import { pathToFileURL } from 'node:url';

process.stdin.on('end', () => process.exit(1)).resume();
await import(pathToFileURL(process.argv[2]).href);
