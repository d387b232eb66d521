import type { WalletCommand } from '#libs/ledger/wallet/commands.js';

/** The command of a type. */
export type Command<T extends WalletCommand['type']> = Extract<WalletCommand, { readonly type: T }>;
