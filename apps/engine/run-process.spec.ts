import { ConfigurationError, type Role } from '#libs/platform/config.js';
import { ROLES } from '#libs/platform/config-core.js';
import { configOf } from './run-process.js';

const SETTLEMENT = { name: 'settlement', roles: ['settlement', 'sweeper'] } as const;

const rolesOf = (env: Readonly<Record<string, string>>): readonly Role[] => configOf(SETTLEMENT, env).roles;

test('a program runs its own roles unless ROLES says otherwise', () => {
  expect(rolesOf({})).toEqual(['settlement', 'sweeper']);
  expect(rolesOf({ ROLES: '' })).toEqual(['settlement', 'sweeper']);
  expect(configOf({ name: 'ledger', roles: ROLES }, {}).roles).toEqual(ROLES);
});

test('ROLES may narrow it', () => {
  expect(rolesOf({ ROLES: 'sweeper' })).toEqual(['sweeper']);
  expect(configOf({ name: 'ledger', roles: ROLES }, { ROLES: 'api,relay' }).roles).toEqual(['api', 'relay']);
});

test.each(['projector', 'settlement,projector', 'all'])(
  'ROLES=%s, which the program does not run, is refused, naming the way out',
  (given) => {
    expect(() => rolesOf({ ROLES: given })).toThrow(ConfigurationError);
    expect(() => rolesOf({ ROLES: given })).toThrow(
      /ROLES: .* the program settlement runs settlement and sweeper and not .*projector.*Unset ROLES, or start the engine/s,
    );
  },
);
