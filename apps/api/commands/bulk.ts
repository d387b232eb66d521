import { setImmediate as nextTurn } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { type ChargeItem, ChargePrompts, type ItemOutcome } from '#libs/application/commands/commands.js';
import type { FieldError } from '#libs/ledger/refusal.js';
import { API_DEPS, type ApiDeps } from '../deps.js';
import { problemOfFault } from '../problem/problem-of-error.js';
import { type Problem, ProblemError, problemOf, problemOfRefusal } from '../problem/problem.js';
import { CommandGate } from './command-gate.js';
import { BULK_ITEMS_MAX } from './limits.js';
import { commandReply } from './reply.js';
import { chargeAbout, readChargeItem } from './runs.routes.js';

/** Items read or written in one turn of the event loop, about a millisecond: single charges get their turn in between. */
const SLICE_ITEMS = 40;

type Slot =
  | { readonly kind: 'sent'; readonly outcome: ItemOutcome }
  | { readonly kind: 'invalid'; readonly errors: readonly FieldError[] };

/** Charges in bulk: each item is judged, keyed and answered on its own. */
@Injectable()
export class BulkCharges {
  constructor(
    @Inject(API_DEPS) private readonly deps: ApiDeps,
    @Inject(CommandBus) private readonly bus: CommandBus,
    @Inject(CommandGate) private readonly gate: CommandGate,
  ) {}

  /**
   * The reply's text, piece by piece, in the order of the items. Slices are sent as soon as they are read and the
   * executor keeps the order of each wallet, so reading, deciding and answering overlap.
   * @throws ProblemError when the bulk itself is malformed
   */
  async charge(body: unknown): Promise<AsyncIterable<string>> {
    const items = itemsOf(body);
    const slices: Promise<readonly Slot[]>[] = [];
    for (let from = 0; from < items.length; from += SLICE_ITEMS) {
      if (from > 0) await nextTurn();
      slices.push(this.send(items.slice(from, from + SLICE_ITEMS)));
    }
    return this.write(slices);
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
      item.ok ? { kind: 'sent', outcome: outcomes[next++]! } : { kind: 'invalid', errors: item.error },
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
    if (slot.kind === 'invalid') return ProblemError.invalid(slot.errors).problem;
    const { outcome } = slot;
    if (outcome.kind === 'refused') return problemOfRefusal(outcome.refusal);
    const fault = outcome.kind === 'fault' ? outcome.fault : undefined;
    const known = problemOfFault(fault);
    if (known === undefined) this.deps.logger.error({ err: fault }, 'unexpected fault in an item of a bulk');
    return known ?? problemOf('internal.error');
  }
}

function itemsOf(body: unknown): readonly unknown[] {
  const invalid = (field: string, message: string) => ProblemError.invalid([{ field, message }]);
  if (body === null || typeof body !== 'object' || Array.isArray(body)) {
    throw invalid('body', 'must be a JSON object with items');
  }
  const unknown = Object.keys(body).filter((name) => name !== 'items');
  if (unknown.length > 0)
    throw invalid(unknown[0]!.slice(0, 128), 'is not a field of this request; it knows items');
  const { items } = body as { readonly items?: unknown };
  if (!Array.isArray(items) || items.length < 1 || items.length > BULK_ITEMS_MAX) {
    throw invalid('items', `must be an array of 1 to ${BULK_ITEMS_MAX} charges`);
  }
  return items;
}
