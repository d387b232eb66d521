import { assertNever } from '#libs/kernel/assert-never.js';
import type { Credits } from '#libs/kernel/credits.js';
import type { CreatorId } from '#libs/kernel/ids.js';
import type { CreatorEvent } from './events.js';

export interface ActiveCreator {
  readonly status: 'active';
  readonly creatorId: CreatorId;
  readonly accrued: Credits;
  /** Log position of the last source settled. */
  readonly lastSource: bigint;
  readonly lastAt: number;
  readonly version: number;
}

export type Creator = { readonly status: 'none'; readonly version: 0 } | ActiveCreator;

export const NO_CREATOR: Creator = { status: 'none', version: 0 };

/** @throws when a source goes backwards: the log is damaged or the code is wrong. */
export function evolveCreator(creator: Creator, event: CreatorEvent): ActiveCreator {
  switch (event.type) {
    case 'CreatorPaid': {
      const before = creator.status === 'none' ? { accrued: 0n, lastSource: 0n } : creator;
      if (event.source.position <= before.lastSource) {
        throw new Error(
          `Creator ${event.creatorId}: source ${event.source.position} is settled a second time`,
        );
      }
      return {
        status: 'active',
        creatorId: event.creatorId,
        accrued: before.accrued + event.amount,
        lastSource: event.source.position,
        lastAt: event.at,
        version: creator.version + 1,
      };
    }
    default:
      return assertNever(event.type);
  }
}
