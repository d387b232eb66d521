import type { CommandContext, Decision } from '../decision.js';
import type { WalletEvent } from './events.js';

export type WalletContext = CommandContext<WalletEvent>;
export type WalletDecision = Decision<WalletEvent>;
