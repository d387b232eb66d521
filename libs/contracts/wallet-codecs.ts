import type { UserId } from '#libs/kernel/ids.js';
import { PLAN_NAMES } from '#libs/ledger/plans/plan-table.js';
import {
  LOT_KINDS,
  LOT_ORIGINS,
  type LotDraw,
  RUN_PURPOSES,
  type WalletEvent,
} from '#libs/ledger/wallet/events.js';
import type { Codecs } from './codec.js';
import { amountText, countOrNone, type FieldReader, type StoredFields, timeText } from './fields.js';

export const walletCodecs: Codecs<WalletEvent> = {
  WalletOpened: {
    storedType: 'WalletOpened.v1',
    encode: (event) => ({
      userId: event.userId,
      at: timeText(event.at),
      plan: event.plan,
      planTable: event.planTable,
      planTableVersion: event.planTableVersion,
    }),
    decode: (fields) => ({
      type: 'WalletOpened',
      ...head(fields),
      plan: fields.oneOf('plan', PLAN_NAMES),
      planTable: fields.text('planTable'),
      planTableVersion: fields.integer('planTableVersion'),
    }),
  },
  CreditsAdded: {
    storedType: 'CreditsAdded.v1',
    encode: (event) => ({
      userId: event.userId,
      at: timeText(event.at),
      ...encodeDraw(event),
      reason: event.reason,
      reference: event.reference,
      paymentId: event.paymentId,
      expiresAt: event.expiresAt === undefined ? undefined : timeText(event.expiresAt),
      costCurrency: event.costBasis?.currency,
      costMinorUnits: event.costBasis?.minorUnits.toString(),
      costProviderFeeMinorUnits: event.costBasis?.providerFeeMinorUnits.toString(),
    }),
    decode: (fields) => ({
      type: 'CreditsAdded',
      ...head(fields),
      ...decodeDraw(fields),
      ...(fields.has('reason') ? { reason: fields.text('reason') } : {}),
      ...(fields.has('reference') ? { reference: fields.text('reference') } : {}),
      ...(fields.has('paymentId') ? { paymentId: fields.text('paymentId') } : {}),
      ...(fields.has('expiresAt') ? { expiresAt: fields.time('expiresAt') } : {}),
      ...(fields.has('costCurrency')
        ? {
            costBasis: {
              currency: fields.text('costCurrency'),
              minorUnits: fields.amount('costMinorUnits'),
              providerFeeMinorUnits: fields.amount('costProviderFeeMinorUnits'),
            },
          }
        : {}),
    }),
  },
  CreditsExpired: {
    storedType: 'CreditsExpired.v1',
    encode: (event) => ({ userId: event.userId, at: timeText(event.at), ...encodeDraw(event) }),
    decode: (fields) => ({ type: 'CreditsExpired', ...head(fields), ...decodeDraw(fields) }),
  },
  PromptCharged: {
    storedType: 'PromptCharged.v1',
    encode: (event) => ({
      userId: event.userId,
      at: timeText(event.at),
      runId: event.runId,
      promptId: event.promptId,
      model: event.model,
      inputTokens: event.inputTokens,
      outputTokens: event.outputTokens,
      cachedInputTokens: countOrNone(event.cachedInputTokens),
      cacheWriteTokens: countOrNone(event.cacheWriteTokens),
      purpose: event.purpose,
      byok: event.byok,
      creatorId: event.creatorId,
      ranAt: event.ranAt === undefined ? undefined : timeText(event.ranAt),
      policy: event.policy,
      rateCard: event.rateCard,
      rateCardVersion: event.rateCardVersion,
      inference: event.inference.toString(),
      markup: amountText(event.markup),
      byokFee: amountText(event.byokFee),
      creatorFee: amountText(event.creatorFee),
      creatorShare: amountText(event.creatorShare),
      platformShare: amountText(event.platformShare),
      total: event.total.toString(),
      allowance: amountText(event.allowance),
      draws: event.draws.map(encodeDraw),
    }),
    decode: (fields) => ({
      type: 'PromptCharged',
      ...head(fields),
      runId: fields.text('runId'),
      ...(fields.has('promptId') ? { promptId: fields.text('promptId') } : {}),
      model: fields.text('model'),
      inputTokens: fields.integer('inputTokens'),
      outputTokens: fields.integer('outputTokens'),
      cachedInputTokens: fields.integerOrZero('cachedInputTokens'),
      cacheWriteTokens: fields.integerOrZero('cacheWriteTokens'),
      purpose: fields.oneOf('purpose', RUN_PURPOSES),
      byok: fields.flag('byok'),
      ...(fields.has('creatorId') ? { creatorId: fields.text<UserId>('creatorId') } : {}),
      ...(fields.has('ranAt') ? { ranAt: fields.time('ranAt') } : {}),
      policy: fields.text('policy'),
      rateCard: fields.text('rateCard'),
      rateCardVersion: fields.integer('rateCardVersion'),
      inference: fields.amount('inference'),
      markup: fields.amountOrZero('markup'),
      byokFee: fields.amountOrZero('byokFee'),
      creatorFee: fields.amountOrZero('creatorFee'),
      creatorShare: fields.amountOrZero('creatorShare'),
      platformShare: fields.amountOrZero('platformShare'),
      total: fields.amount('total'),
      allowance: fields.amountOrZero('allowance'),
      draws: fields.list('draws').map(decodeDraw),
    }),
  },
  FlowUnlocked: {
    storedType: 'FlowUnlocked.v1',
    encode: (event) => ({
      userId: event.userId,
      at: timeText(event.at),
      flowId: event.flowId,
      creatorId: event.creatorId,
      price: event.price.toString(),
      creatorShare: event.creatorShare.toString(),
      platformShare: event.platformShare.toString(),
      draws: event.draws.map(encodeDraw),
    }),
    decode: (fields) => ({
      type: 'FlowUnlocked',
      ...head(fields),
      flowId: fields.text('flowId'),
      creatorId: fields.text('creatorId'),
      price: fields.amount('price'),
      creatorShare: fields.amount('creatorShare'),
      platformShare: fields.amount('platformShare'),
      draws: fields.list('draws').map(decodeDraw),
    }),
  },
};

const head = (fields: FieldReader): { userId: UserId; at: number } => ({
  userId: fields.text('userId'),
  at: fields.time('at'),
});

const encodeDraw = ({ lotId, kind, origin, amount }: LotDraw): StoredFields => ({
  lotId,
  kind,
  origin,
  amount: amount.toString(),
});

const decodeDraw = (fields: FieldReader): LotDraw => ({
  lotId: fields.text('lotId'),
  kind: fields.oneOf('kind', LOT_KINDS),
  origin: fields.oneOf('origin', LOT_ORIGINS),
  amount: fields.amount('amount'),
});
