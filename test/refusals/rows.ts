import type { WalletCommand } from '#libs/ledger/wallet/commands.js';
import type { WalletEvent } from '#libs/ledger/wallet/events.js';
import { given } from '#test/support/ledger/given.js';
import { added, NOW, opened, USER } from '#test/support/ledger/wallet-builders.js';
import type { RefusalRow } from './table.js';

/** A row of the table for a wallet with this history. */
export const row = (
  code: RefusalRow['code'],
  when: string,
  history: readonly WalletEvent[],
  command: WalletCommand,
): RefusalRow => ({ code, when, decide: () => given(...history).when(command).decision });

export const noWallet = (command: WalletCommand): RefusalRow =>
  row('wallet.not_found', 'no wallet was opened for the user', [], command);

export const closedWallet = (history: readonly WalletEvent[], command: WalletCommand): RefusalRow =>
  row('wallet.closed', 'the wallet is closed', [...history, closed], command);

export const frozen: WalletEvent = { type: 'WalletFrozen', userId: USER, at: NOW, reason: 'review' };
export const closed: WalletEvent = { type: 'WalletClosed', userId: USER, at: NOW };

/** A wallet with so much bought. */
export const holding = (amount: bigint): readonly WalletEvent[] => [
  opened('FREE'),
  added('a', 'purchased', amount),
];
