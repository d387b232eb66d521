import { setImmediate as nextTurn } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { type ChargeItem, ChargePrompts, type ItemOutcome } from '#libs/application/commands/commands.js';
import { API_DEPS, type ApiDeps } from '../deps.js';
import { problemOfFault } from '../problem/problem-of-error.js';
import { type Problem, ProblemError, problemOf, problemOfRefusal } from '../problem/problem.js';
import { BulkGroups, type Slot } from './bulk-groups.js';
import { type Bulk, readBulk } from './bulk-body.js';
import { CommandGate } from './command-gate.js';
import { commandReply } from './reply.js';
import { chargeAbout, readChargeItem } from './runs.routes.js';

/** Items read or written in one turn of the event loop, about a millisecond: single charges get their turn in between. */
const SLICE_ITEMS = 40;

/** Charges in bulk: each item is judged, keyed and answered on its own, or with the others of its wallet. */
@Injectable()
export class BulkCharges {
  constructor(
    @Inject(API_DEPS) private readonly deps: ApiDeps,
    @Inject(CommandBus) private readonly bus: CommandBus,
    @Inject(CommandGate) private readonly gate: CommandGate,
    @Inject(BulkGroups) private readonly groups: BulkGroups,
  ) {}

  /**
   * The reply's text, piece by piece, in the order of the items.
   * @throws ProblemError when the bulk itself is malformed
   */
  async charge(body: unknown): Promise<AsyncIterable<string>> {
    const bulk = readBulk(body);
    return this.write(await (bulk.atomicPerWallet ? this.together(bulk) : this.oneByOne(bulk)));
  }

  /** Slices are sent as soon as they are read and the executor keeps the order of each wallet: all steps overlap. */
  private async oneByOne({ items }: Bulk): Promise<readonly Promise<readonly Slot[]>[]> {
    const slices: Promise<readonly Slot[]>[] = [];
    for (let from = 0; from < items.length; from += SLICE_ITEMS) {
      if (from > 0) await nextTurn();
      slices.push(this.send(items.slice(from, from + SLICE_ITEMS)));
    }
    return slices;
  }

  private async together({ items }: Bulk): Promise<readonly Promise<readonly Slot[]>[]> {
    const slots = await this.groups.charge(items, this.gate.limits(), SLICE_ITEMS);
    const slices: Promise<readonly Slot[]>[] = [];
    for (let from = 0; from < slots.length; from += SLICE_ITEMS) {
      slices.push(Promise.all(slots.slice(from, from + SLICE_ITEMS)));
    }
    return slices;
  }

  /** Never rejects: what goes wrong with a slice is each item's own fault. */
  private async send(items: readonly unknown[]): Promise<readonly Slot[]> {
    const limits = this.gate.limits();
    const read = items.map((item) => readChargeItem(item, limits));
    const sound: ChargeItem[] = [];
    for (const item of read) if (item.ok) sound.push(item.value);
    const outcomes = await this.outcomesOf(sound);
    let next = 0;
    return read.map((item): Slot =>
      item.ok
        ? { kind: 'sent', outcome: outcomes[next++]! }
        : { kind: 'problem', problem: ProblemError.invalid(item.error).problem },
    );
  }

  private async outcomesOf(items: readonly ChargeItem[]): Promise<readonly ItemOutcome[]> {
    if (items.length === 0) return [];
    try {
      return await this.bus.execute(new ChargePrompts(items));
    } catch (error) {
      const fault = error instanceof Error ? error : new Error(String(error));
      return items.map(() => ({ kind: 'fault', fault }));
    }
  }

  private async *write(slices: readonly Promise<readonly Slot[]>[]): AsyncIterable<string> {
    let index = 0;
    for (const slice of slices) {
      const slots = await slice;
      let text = index === 0 ? '{"items":[' : '';
      for (const slot of slots) {
        text += `${index === 0 ? '' : ','}${this.itemText(index, slot)}`;
        index++;
      }
      yield text;
      await nextTurn();
    }
    yield ']}';
  }

  private itemText(index: number, slot: Slot): string {
    if (slot.kind === 'sent' && slot.outcome.kind === 'done') {
      const reply = commandReply(this.deps.store.logId, slot.outcome, chargeAbout(slot.outcome.events));
      return `{"index":${index},"status":200,${reply.slice(1)}`;
    }
    const { type: _type, title: _title, ...problem } = this.problemOfSlot(slot);
    return JSON.stringify({ index, ...problem });
  }

  private problemOfSlot(slot: Slot): Problem {
    if (slot.kind === 'problem') return slot.problem;
    const { outcome } = slot;
    if (outcome.kind === 'refused') return problemOfRefusal(outcome.refusal);
    const fault = outcome.kind === 'fault' ? outcome.fault : undefined;
    const known = problemOfFault(fault);
    if (known === undefined) this.deps.logger.error({ err: fault }, 'unexpected fault in an item of a bulk');
    return known ?? problemOf('internal.error');
  }
}
