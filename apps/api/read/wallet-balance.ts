import { balanceOf } from '#libs/ledger/wallet/balance.js';
import type { Lot } from '#libs/ledger/wallet/lots.js';
import type { Hold } from '#libs/ledger/wallet/state.js';
import { balanceFields } from '../commands/reply.js';
import type { WalletNow } from './wallet-now.js';

/** The position that an answer shows, as text, and the time that it is true for. */
export function asOfText(position: string, t: number): string {
  return `{"position":"${position}","time":"${new Date(t).toISOString()}"}`;
}

/** The balance as it is now, with its lots in burn order. */
export function walletBalanceText({ wallet, t, plans }: WalletNow, position: string): string {
  return (
    `{"userId":${JSON.stringify(wallet.userId)},"plan":"${wallet.plan}","status":"${wallet.status}",` +
    (wallet.frozenFor === undefined ? '' : `"frozenFor":"${wallet.frozenFor}",`) +
    `${balanceFields(balanceOf(wallet, t, plans))},"uncollected":"${wallet.uncollected}",` +
    `"thresholds":${JSON.stringify(wallet.thresholds.map(String))},` +
    `"lots":[${wallet.lots.active.map(lotText).join(',')}],"asOf":${asOfText(position, t)}}`
  );
}

function lotText({ id, kind, origin, original, remaining, reserved, expiresAt, paymentId }: Lot): string {
  return JSON.stringify({
    id,
    kind,
    origin,
    original: original.toString(),
    remaining: remaining.toString(),
    reserved: reserved.toString(),
    ...(expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt).toISOString() }),
    ...(paymentId === undefined ? {} : { paymentId }),
  });
}

/** Open holds, the newest first. */
export function holdsText({ wallet, t }: WalletNow, position: string): string {
  const holds = [...wallet.holds.values()].sort((a, b) => b.sequence - a.sequence).map(holdText);
  return (
    `{"userId":${JSON.stringify(wallet.userId)},"items":[${holds.join(',')}],` +
    `"asOf":${asOfText(position, t)}}`
  );
}

function holdText(hold: Hold): string {
  const { holdId, runId, model, purpose, byok, creatorId, policy, rateCard, rateCardVersion } = hold;
  return JSON.stringify({
    holdId,
    runId,
    model,
    purpose,
    byok,
    creatorId,
    creatorFee: hold.creatorFee.toString(),
    amount: hold.amount.toString(),
    allowance: hold.allowance.toString(),
    reserved: hold.parts.map(({ lotId, kind, amount }) => ({ lotId, kind, amount: amount.toString() })),
    policy,
    rateCard: { id: rateCard, version: rateCardVersion },
    heldAt: new Date(hold.at).toISOString(),
    expiresAt: new Date(hold.expiresAt).toISOString(),
  });
}
