import { setImmediate as nextTurn } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ChargeGroup, type ChargeItem, type ItemOutcome } from '#libs/application/commands/commands.js';
import { UserId } from '#libs/kernel/ids.js';
import { ProblemError, type Problem, problemOf } from '../problem/problem.js';
import { BULK_WALLET_ITEMS_MAX } from './limits.js';
import { readChargeItem } from './runs.routes.js';
import type { EdgeLimits, Errors } from './to-command.js';

/** What is answered of one item. */
export type Slot =
  | { readonly kind: 'sent'; readonly outcome: ItemOutcome }
  | { readonly kind: 'problem'; readonly problem: Problem };

type Read = ReturnType<typeof readChargeItem>;

/** The charges of one wallet, by their places in the request. */
interface Group {
  readonly places: number[];
  readonly items: ChargeItem[];
  /** The first that is malformed. */
  invalid?: { readonly place: number; readonly errors: Errors };
}

/** Charges of a bulk that take effect together, wallet by wallet. */
@Injectable()
export class BulkGroups {
  constructor(@Inject(CommandBus) private readonly bus: CommandBus) {}

  /**
   * What becomes of each item, in the order given; wallets are charged beside one another. `sliceItems` are read in
   * one turn of the event loop. The promises never reject.
   */
  async charge(
    items: readonly unknown[],
    limits: EdgeLimits,
    sliceItems: number,
  ): Promise<readonly Promise<Slot>[]> {
    const slots = new Array<Promise<Slot>>(items.length);
    const groups = new Map<string, Group>();
    for (const [place, item] of items.entries()) {
      if (place > 0 && place % sliceItems === 0) await nextTurn();
      const read = readChargeItem(item, limits);
      const wallet = walletOf(item);
      if (wallet === undefined) slots[place] = answered(invalidProblem(read));
      else join(groups, wallet, place, read);
    }
    for (const group of groups.values()) {
      const answer = this.chargeGroup(group);
      for (const [i, place] of group.places.entries()) slots[place] = answer.then((each) => each[i]!);
    }
    return slots;
  }

  private async chargeGroup({ places, items, invalid }: Group): Promise<readonly Slot[]> {
    if (places.length > BULK_WALLET_ITEMS_MAX) {
      const detail = `A wallet may have at most ${BULK_WALLET_ITEMS_MAX} charges in an atomic bulk, not ${places.length}.`;
      return places.map(() => ({ kind: 'problem', problem: problemOf('request.too_large', detail) }));
    }
    if (invalid !== undefined) {
      return places.map((place) =>
        place === invalid.place
          ? { kind: 'problem', problem: ProblemError.invalid(invalid.errors).problem }
          : notApplied(invalid.place),
      );
    }
    try {
      const outcomes = await this.bus.execute(new ChargeGroup(items));
      return outcomes.map((outcome) =>
        outcome.kind === 'not_applied'
          ? notApplied(places[outcome.refusedIndex]!)
          : { kind: 'sent', outcome },
      );
    } catch (error) {
      const fault = error instanceof Error ? error : new Error(String(error));
      return places.map(() => ({ kind: 'sent', outcome: { kind: 'fault', fault } }));
    }
  }
}

/** Whose wallet an item is for, well-formed otherwise or not; undefined when it does not say. */
function walletOf(item: unknown): string | undefined {
  const userId = item !== null && typeof item === 'object' && 'userId' in item ? item.userId : undefined;
  const parsed = UserId.parse(userId);
  return parsed.ok ? parsed.value : undefined;
}

function join(groups: Map<string, Group>, wallet: string, place: number, read: Read): void {
  let group = groups.get(wallet);
  if (group === undefined) groups.set(wallet, (group = { places: [], items: [] }));
  group.places.push(place);
  if (read.ok) group.items.push(read.value);
  else group.invalid ??= { place, errors: read.error };
}

const answered = (problem: Problem): Promise<Slot> => Promise.resolve({ kind: 'problem', problem });

const invalidProblem = (read: Read): Problem => ProblemError.invalid(read.ok ? [] : read.error).problem;

function notApplied(refusedIndex: number): Slot {
  const detail = `Not charged, because item ${refusedIndex} of the same wallet was refused.`;
  return { kind: 'problem', problem: problemOf('bulk.not_applied', detail, { refusedIndex }) };
}
