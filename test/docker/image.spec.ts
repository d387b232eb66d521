import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT } from '#apps/cli/project-root.js';
import { dockerText } from './docker-files.js';

const text = (file: string): string => readFileSync(join(PROJECT_ROOT, file), 'utf8');
const dockerfile = dockerText('Dockerfile');
const instructions = dockerfile.split('\n').filter((line) => /^[A-Z]+ /.test(line));

test('the base is pinned to a version of the Node that the project is made for', () => {
  const base = /^ARG NODE_IMAGE=node:(\d+)\.\d+\.\d+-\w+-slim$/m.exec(dockerfile);
  expect(base?.[1]).toBe(text('.nvmrc').trim());
  expect(instructions.filter((line) => line.startsWith('FROM '))).toEqual([
    'FROM ${NODE_IMAGE} AS build',
    'FROM ${NODE_IMAGE} AS runtime',
  ]);
});

test('its label says the version of package.json', () => {
  const { version } = JSON.parse(text('package.json')) as { version: string };
  expect(dockerfile).toContain(`image.version="${version}"`);
});

test('it runs as a user of its own that owns nothing but the data folder', () => {
  expect(instructions.filter((line) => line.startsWith('USER '))).toEqual(['USER node']);
  expect(instructions.filter((line) => line.startsWith('COPY --from'))).toEqual([
    'COPY --from=build /out /app',
  ]);
  expect(dockerfile).toContain('install -d -o node -g node -m 0711 /var/lib/promptflow');
});

test('what its stages do is the script that continuous integration runs too', () => {
  const runs = instructions.filter((line) => line.startsWith('RUN '));
  expect(runs).toEqual([
    'RUN sh docker/stages.sh install',
    'RUN sh docker/stages.sh build',
    'RUN sh docker/stages.sh collect /out && sh docker/stages.sh check /out',
    expect.stringContaining('install -d'),
  ]);
  expect(() => execFileSync('sh', ['docker/stages.sh', 'fly'], { cwd: PROJECT_ROOT, stdio: 'pipe' })).toThrow(
    /usage: stages\.sh install \| build/,
  );
});

test('the context holds what is built from and nothing else: no tests, no data, no secrets', () => {
  const lines = text('.dockerignore')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  const [everything, ...rest] = lines;
  expect(everything).toBe('*');
  const allowed = rest.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
  for (const path of allowed) expect([path, existsSync(join(PROJECT_ROOT, path))]).toEqual([path, true]);
  expect(rest.filter((line) => !line.startsWith('!'))).toEqual(['docker/secrets']);
  // A file that the build needs one day and this list lacks is found by the test that runs the stages.
  expect(
    allowed.filter((path) => ['test', '.data', '.env', 'docs', 'dist', 'node_modules'].includes(path)),
  ).toEqual([]);
});
