import { PromptId } from '#libs/kernel/ids.js';
import type { PlanName } from '../plans/plan-table.js';
import { given, liveWallet } from '#test/support/ledger/given.js';
import { NOW, opened, OPENED_AT, USER } from '#test/support/ledger/wallet-builders.js';
import type { ChangePromptCommand, CreatePromptCommand } from './commands.js';
import type { PromptChanged, PromptCreated, WalletEvent } from './events.js';
import type { PromptVisibility } from './vocabulary.js';

const GB = 1_000_000_000;
const promptId = (n: number) => PromptId.of(`p-${n}`);

const create = (n: number, visibility: PromptVisibility = 'private', sizeBytes = 0): CreatePromptCommand => ({
  type: 'CreatePrompt',
  userId: USER,
  promptId: promptId(n),
  visibility,
  sizeBytes,
});

const created = (
  n: number,
  visibility: PromptVisibility = 'private',
  sizeBytes = 0,
  at = OPENED_AT,
): PromptCreated => ({
  type: 'PromptCreated',
  userId: USER,
  at,
  promptId: promptId(n),
  visibility,
  sizeBytes,
});

const change = (n: number, more: Partial<ChangePromptCommand>): ChangePromptCommand => ({
  type: 'ChangePrompt',
  userId: USER,
  promptId: promptId(n),
  ...more,
});

const changed = (n: number, visibility: PromptVisibility, sizeBytes: number): PromptChanged => ({
  ...created(n, visibility, sizeBytes, NOW),
  type: 'PromptChanged',
});

const remove = (n: number) => ({ type: 'DeletePrompt', userId: USER, promptId: promptId(n) }) as const;
const deleted = (n: number) =>
  ({ type: 'PromptDeleted', userId: USER, at: NOW, promptId: promptId(n) }) as const;

const three: readonly WalletEvent[] = [opened('FREE'), created(1), created(2), created(3)];

describe('private prompts', () => {
  test('FREE keeps 3: the fourth is refused', () => {
    given(...three.slice(0, 3))
      .when(create(3))
      .then(created(3, 'private', 0, NOW));
    given(...three)
      .when(create(4))
      .thenRefused({ code: 'plan.private_prompts_exhausted' });
  });

  test('public ones are not among them', () => {
    given(...three)
      .when(create(4, 'public'))
      .then(created(4, 'public', 0, NOW));
    given(opened('FREE'), created(1, 'public'), created(2), created(3))
      .when(create(4))
      .then(created(4, 'private', 0, NOW));
  });

  test.each(['PRO', 'ELITE', 'ENTERPRISE'] as const)('%s keeps any number', (plan) => {
    given(opened(plan), created(1), created(2), created(3))
      .when(create(4))
      .then(created(4, 'private', 0, NOW));
  });

  test('a change to private is checked again', () => {
    given(...three, created(4, 'public'))
      .when(change(4, { visibility: 'private' }))
      .thenRefused({ code: 'plan.private_prompts_exhausted' });
    given(...three.slice(0, 3), created(4, 'public'))
      .when(change(4, { visibility: 'private' }))
      .then(changed(4, 'private', 0));
  });

  test('one that is private already stays so, whatever the plan has become', () => {
    given(...three, created(4))
      .when(change(4, { visibility: 'private' }))
      .then(changed(4, 'private', 0));
  });
});

describe('storage, 1 GB = 10^9 bytes', () => {
  test.each([
    ['FREE', GB],
    ['PRO', 10 * GB],
    ['ELITE', 50 * GB],
  ] as const)('%s holds %s bytes, not one more', (plan: PlanName, bytes) => {
    const most = create(2, 'public', 1);
    expect(given(opened(plan), created(1, 'public', bytes - 1)).when(most).decision.kind).toBe('accepted');
    given(opened(plan), created(1, 'public', bytes))
      .when(most)
      .thenRefused({ code: 'plan.storage_exhausted' });
  });

  test('ENTERPRISE: custom, agreed outside the ledger', () => {
    const most = 10 ** 15;
    given(opened('ENTERPRISE'), created(1, 'public', most))
      .when(create(2, 'private', most))
      .then(created(2, 'private', most, NOW));
  });

  test('private and public prompts share it', () => {
    given(opened('FREE'), created(1, 'private', GB / 2), created(2, 'public', GB / 2))
      .when(create(3, 'public', 1))
      .thenRefused({ code: 'plan.storage_exhausted' });
  });

  test('a change that grows is checked again, one that shrinks is not', () => {
    const full = [opened('FREE'), created(1, 'public', GB - 1), created(2, 'public', 1)];
    given(...full)
      .when(change(2, { sizeBytes: 2 }))
      .thenRefused({ code: 'plan.storage_exhausted' });
    given(...full)
      .when(change(1, { sizeBytes: GB - 2 }))
      .then(changed(1, 'public', GB - 2));
  });

  test('private prompts are checked before storage', () => {
    given(...three, created(4, 'public', GB))
      .when(create(5, 'private', 1))
      .thenRefused({ code: 'plan.private_prompts_exhausted' });
  });
});

describe('PromptDeleted', () => {
  test('frees both, the private prompt and its bytes', () => {
    const full = [...three, created(4, 'public', 1)].map((event) =>
      event.type === 'PromptCreated' && event.promptId === promptId(1)
        ? created(1, 'private', GB - 1)
        : event,
    );
    given(...full)
      .when(remove(1))
      .then(deleted(1));
    const after = liveWallet(...full, deleted(1));
    expect([after.privatePrompts, after.storageBytes]).toEqual([2, 1n]);
    given(...full, deleted(1))
      .when(create(5, 'private', GB - 1))
      .then(created(5, 'private', GB - 1, NOW));
  });

  test('its id may be used for another prompt', () => {
    given(...three, deleted(1))
      .when(create(1))
      .then(created(1, 'private', 0, NOW));
  });
});
