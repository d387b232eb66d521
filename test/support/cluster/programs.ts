import type { Role } from '#libs/platform/config.js';
import { type LedgerProcess, startLedgerProcess, type StartOptions } from '#test/support/ledger-process.js';

/** Which program runs a role in a cluster. */
const PROGRAM_OF: Record<Role, string> = {
  api: 'api',
  projector: 'projector',
  settlement: 'settlement',
  sweeper: 'settlement',
  relay: 'relay',
  'payout-worker': 'payout-worker',
  'notification-worker': 'notification-worker',
};

/** Starts the program of one role, running this role alone, and waits until it is ready. */
export function startRole(
  role: Role,
  env: Readonly<Record<string, string>>,
  options: Omit<StartOptions, 'program'> = {},
): Promise<LedgerProcess> {
  return startLedgerProcess({ ...env, ROLES: role }, { ...options, program: PROGRAM_OF[role] });
}

/** Several roles, each in a process of its own, handled as one program: its address is that of the api among them. */
export async function startRolesApart(
  roles: readonly Role[],
  env: Readonly<Record<string, string>>,
  options: Omit<StartOptions, 'program'> = {},
): Promise<LedgerProcess> {
  const processes = await Promise.all(roles.map((role) => startRole(role, env, options)));
  const first = processes[Math.max(0, roles.indexOf('api'))];
  return {
    url: first?.url ?? '',
    metricsUrl: first?.metricsUrl ?? '',
    pid: first?.pid ?? 0,
    signal: (signal) => processes.forEach((each) => each.signal(signal)),
    stop: async () => {
      const codes = await Promise.all(processes.map((each) => each.stop()));
      return codes.find((code) => code !== 0) ?? 0;
    },
    kill: async () => {
      await Promise.all(processes.map((each) => each.kill()));
    },
  };
}
