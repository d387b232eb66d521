import {
  CloseWallet,
  FreezeWallet,
  MigrateWallet,
  OpenWallet,
  SetThresholds,
  UnfreezeWallet,
} from '#libs/application/commands/commands.js';
import type { Credits } from '#libs/kernel/credits.js';
import type { UserId } from '#libs/kernel/ids.js';
import type {
  CloseWalletCommand,
  FreezeWalletCommand,
  MigrateWalletCommand,
  OpenWalletCommand,
  SetThresholdsCommand,
  UnfreezeWalletCommand,
} from '#libs/ledger/wallet/commands.js';
import type { WalletEvent } from '#libs/ledger/wallet/events.js';
import type { CommandRoute } from './command-gate.js';
import { membersText, ownEvent } from './reply.js';
import { commandReader, creditsOf, given } from './to-command.js';
import {
  CloseWalletDto,
  FreezeWalletDto,
  MigrateWalletDto,
  OpenWalletDto,
  SetThresholdsDto,
  UnfreezeWalletDto,
} from './wallets.dto.js';

export const OPEN: CommandRoute<OpenWalletCommand> = {
  read: commandReader({
    fields: OpenWalletDto,
    command: ({ userId, plan = 'FREE' }, _path, { mayGrant }) => ({
      type: 'OpenWallet',
      userId: userId as UserId,
      plan,
      mayGrant,
    }),
  }),
  request: OpenWallet,
  about: (events) => {
    const opened = ownEvent(events, 'WalletOpened');
    return opened === undefined ? '' : membersText({ userId: opened.userId, plan: opened.plan });
  },
};

export const MIGRATE: CommandRoute<MigrateWalletCommand> = {
  read: commandReader({
    fields: MigrateWalletDto,
    credits: ['purchased', 'monthly', 'other'],
    command: ({ userId, plan, purchased, monthly, other }) => ({
      type: 'MigrateWallet',
      userId: userId as UserId,
      plan,
      purchased: creditsOf(purchased),
      monthly: creditsOf(monthly),
      other: creditsOf(other),
    }),
  }),
  request: MigrateWallet,
  about: OPEN.about,
};

export const FREEZE: CommandRoute<FreezeWalletCommand> = {
  read: commandReader({
    fields: FreezeWalletDto,
    path: ['userId'],
    command: ({ reason, reference }, { userId }) =>
      given({ type: 'FreezeWallet', userId: userId as UserId, reason, reference }),
  }),
  request: FreezeWallet,
  about: (events) => {
    const frozen = ownEvent(events, 'WalletFrozen');
    if (frozen === undefined) return '';
    const { userId, reason, reference } = frozen;
    return membersText({ userId, status: 'frozen', reason, reference });
  },
};

export const UNFREEZE: CommandRoute<UnfreezeWalletCommand> = {
  read: commandReader({
    fields: UnfreezeWalletDto,
    bodyOptional: true,
    path: ['userId'],
    command: (_dto, { userId }) => ({ type: 'UnfreezeWallet', userId: userId as UserId }),
  }),
  request: UnfreezeWallet,
  about: (events) => {
    const unfrozen = ownEvent(events, 'WalletUnfrozen');
    return unfrozen === undefined ? '' : membersText({ userId: unfrozen.userId, status: 'open' });
  },
};

export const CLOSE: CommandRoute<CloseWalletCommand> = {
  read: commandReader({
    fields: CloseWalletDto,
    path: ['userId'],
    command: ({ remainder }, { userId }) => ({ type: 'CloseWallet', userId: userId as UserId, remainder }),
  }),
  request: CloseWallet,
  about: (events) => {
    const closed = ownEvent(events, 'WalletClosed');
    if (closed === undefined) return '';
    return membersText({ userId: closed.userId, status: 'closed', ...remainderOf(events) });
  },
};

/** What a closing wallet still held: purchased credits to be paid back, all that expired. */
function remainderOf(events: readonly WalletEvent[]): {
  readonly paidBack: Credits;
  readonly expired: Credits;
} {
  let paidBack = 0n;
  let expired = 0n;
  for (const event of events) {
    if (event.type === 'CreditsExpired') expired += event.amount;
    if (event.type === 'CreditsRevoked') for (const { amount } of event.lots) paidBack += amount;
  }
  return { paidBack, expired };
}

export const SET_THRESHOLDS: CommandRoute<SetThresholdsCommand> = {
  read: commandReader({
    fields: SetThresholdsDto,
    path: ['userId'],
    credits: ['thresholds'],
    command: ({ thresholds }, { userId }) => ({
      type: 'SetThresholds',
      userId: userId as UserId,
      thresholds: thresholds.map(creditsOf),
    }),
  }),
  request: SetThresholds,
  about: (events) => {
    const set = ownEvent(events, 'ThresholdsSet');
    return set === undefined ? '' : membersText({ userId: set.userId, thresholds: set.thresholds });
  },
};
