import type { WalletEvent } from '#libs/ledger/wallet/events.js';
import { chargeCodecs } from './charge-codecs.js';
import type { Codecs } from './codec.js';
import { holdCodecs } from './hold-codecs.js';
import { lotCodecs } from './lot-codecs.js';
import { promptCodecs, thresholdCodecs } from './prompt-codecs.js';
import { refundCodecs } from './refund-codecs.js';
import { planCodecs, walletLifeCodecs } from './wallet-life-codecs.js';

/** One codec for each wallet event: the compiler says when one is missing. */
export const walletCodecs: Codecs<WalletEvent> = {
  ...walletLifeCodecs,
  ...planCodecs,
  ...lotCodecs,
  ...holdCodecs,
  ...chargeCodecs,
  ...refundCodecs,
  ...promptCodecs,
  ...thresholdCodecs,
};
