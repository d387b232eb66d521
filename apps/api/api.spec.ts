import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  CatchingUpFault,
  CommandTooLargeFault,
  OutcomeUnknownFault,
  OverloadedFault,
} from '#libs/application/outcome.js';
import { ChargeGroup, ChargePrompt, ChargePrompts } from '#libs/application/commands/commands.js';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Json } from '#test/e2e/http-client.js';
import { type MemoryApi, openMemoryApi } from '#test/e2e/memory-api.js';

const charge = (runId: string) => ({
  userId: 'u-1',
  runId,
  model: 'gpt-4',
  inputTokens: 1_000,
  outputTokens: 500,
});

/** Questions, bulks, whose items have keys of their own, and what changes nothing more when it is repeated. */
const WITHOUT_KEY = [
  'post /api/credits/calculate-cost',
  'post /api/credits/charge-prompts',
  'post /api/notifications/{id}/read',
  'post /api/payouts/webhooks/stripe',
  'post /api/pricing/what-if',
  'put /api/notifications/preferences',
];

describe('faults of the write path', () => {
  let fault: Error;

  @CommandHandler(ChargePrompt)
  class FailingCharge implements ICommandHandler<ChargePrompt> {
    execute(): Promise<never> {
      return Promise.reject(fault);
    }
  }
  @CommandHandler(ChargePrompts)
  class FailingCharges implements ICommandHandler<ChargePrompts> {
    execute(): Promise<never> {
      return Promise.reject(fault);
    }
  }

  @CommandHandler(ChargeGroup)
  class FailingGroup implements ICommandHandler<ChargeGroup> {
    execute(): Promise<never> {
      return Promise.reject(fault);
    }
  }

  let api: MemoryApi;
  beforeAll(async () => {
    api = await openMemoryApi({
      commandHandlers: [new FailingCharge(), new FailingCharges(), new FailingGroup()],
    });
  });
  afterAll(() => api.close());

  test.each([
    ['outcome.unknown', 503, new OutcomeUnknownFault('x'), '1'],
    ['service.overloaded', 503, new OverloadedFault('x'), '1'],
    ['service.catching_up', 503, new CatchingUpFault('x'), '1'],
    ['request.too_large', 413, new CommandTooLargeFault('x'), null],
    ['internal.error', 500, new Error('secret words'), null],
  ])('%s, single and in both kinds of bulk', async (code, status, error, retryAfter) => {
    fault = error;
    const single = await api.http.post('/api/credits/charge-prompt', { key: 'k', body: charge('r') });
    expect([single.status, single.json['code']]).toEqual([status, code]);
    expect(single.headers.get('retry-after')).toBe(retryAfter);
    expect(single.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    for (const atomicPerWallet of [false, true]) {
      const bulk = await api.http.post('/api/credits/charge-prompts', {
        body: { items: [charge('r')], atomicPerWallet },
      });
      expect(bulk.status).toBe(200);
      expect(bulk.json['items']?.[0]).toMatchObject({ index: 0, status, code });
      expect(single.text + bulk.text).not.toContain('secret words');
    }
  });

  test('an unexpected fault is logged under the correlation id that the caller got', async () => {
    fault = new Error('secret words');
    api.faults.length = 0;
    const { json } = await api.http.post('/api/credits/charge-prompt', { key: 'k', body: charge('r') });
    expect(json['correlationId']).toMatch(/^[0-9a-f-]{36}$/);
    expect(api.faults).toEqual([
      expect.objectContaining({ err: fault, correlationId: json['correlationId'] }),
    ]);
  });
});

describe('the OpenAPI document', () => {
  let api: MemoryApi;
  let document: Json;
  beforeAll(async () => {
    api = await openMemoryApi();
    document = (await api.http.get('/api/docs-json')).json;
  });
  afterAll(() => api.close());

  test('knows each schema by a name of its own: of two alike it would show one', () => {
    const folder = import.meta.dirname;
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .flatMap((file) => [...readFileSync(join(folder, file), 'utf8').matchAll(/^(?:export )?class (\w+)/gm)])
      .map(([, name]) => name!);
    expect(names.length).toBeGreaterThan(100);
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
  });

  const operations = () =>
    Object.entries(document['paths']!).flatMap(([path, methods]) =>
      Object.entries(methods as Readonly<Record<string, Json>>).map(([method, operation]): [string, Json] => [
        `${method} ${path}`,
        operation,
      ]),
    );

  test('describes every route', () => {
    expect(
      operations()
        .map(([name]) => name)
        .sort(),
    ).toEqual([
      'delete /api/notifications/webhooks/{id}',
      'delete /api/prompts/{id}',
      'get /api/creators/{id}/earnings',
      'get /api/creators/{id}/payouts',
      'get /api/creators/{id}/statement',
      'get /api/credits/balance',
      'get /api/credits/holds',
      'get /api/credits/lots',
      'get /api/credits/lots/{id}',
      'get /api/credits/transactions',
      'get /api/entitlements',
      'get /api/flows/unlocked',
      'get /api/ledger/trial-balance',
      'get /api/models',
      'get /api/notifications',
      'get /api/notifications/campaigns',
      'get /api/notifications/campaigns/{id}',
      'get /api/notifications/preferences',
      'get /api/notifications/webhooks',
      'get /api/notifications/webhooks/{id}/deliveries',
      'get /api/payouts/runs',
      'get /api/payouts/runs/{id}',
      'get /api/payouts/transfers',
      'get /api/plans',
      'get /api/rate-cards',
      'get /health/live',
      'get /health/ready',
      'patch /api/prompts/{id}',
      'post /api/creators/{id}/payout-destination',
      'post /api/creators/{id}/payouts',
      'post /api/creators/{id}/payouts/{payoutId}/failed',
      'post /api/creators/{id}/payouts/{payoutId}/sent',
      'post /api/creators/{id}/payouts/{payoutId}/settled',
      'post /api/credits/add',
      'post /api/credits/calculate-cost',
      'post /api/credits/charge-prompt',
      'post /api/credits/charge-prompts',
      'post /api/credits/holds',
      'post /api/credits/holds/{id}/release',
      'post /api/credits/refunds',
      'post /api/credits/reinstate',
      'post /api/credits/revoke',
      'post /api/flows/refunds',
      'post /api/flows/unlock',
      'post /api/notifications/campaigns',
      'post /api/notifications/campaigns/{id}/cancel',
      'post /api/notifications/deliveries/{id}/redeliver',
      'post /api/notifications/webhooks',
      'post /api/notifications/webhooks/{id}/enable',
      'post /api/notifications/webhooks/{id}/rotate-secret',
      'post /api/notifications/webhooks/{id}/test',
      'post /api/notifications/{id}/read',
      'post /api/payouts/runs',
      'post /api/payouts/runs/{id}/approve',
      'post /api/payouts/runs/{id}/reject',
      'post /api/payouts/transfers/{creatorId}/{payoutId}/resolve',
      'post /api/payouts/webhooks/stripe',
      'post /api/plans',
      'post /api/plans/change',
      'post /api/plans/change/cancel',
      'post /api/plans/subscription-payments',
      'post /api/pricing/policies',
      'post /api/pricing/what-if',
      'post /api/prompts',
      'post /api/rate-cards',
      'post /api/wallets',
      'post /api/wallets/migrations',
      'post /api/wallets/{userId}/close',
      'post /api/wallets/{userId}/freeze',
      'post /api/wallets/{userId}/thresholds',
      'post /api/wallets/{userId}/unfreeze',
      'put /api/notifications/preferences',
    ]);
  });

  test('names what an operation does and which codes it answers', () => {
    for (const [name, operation] of operations()) {
      expect([name, operation['summary']]).toEqual([name, expect.any(String)]);
      if (name.includes('/health/') || name === 'get /api/models') continue;
      expect([name, operation['responses']?.['400']?.['description']]).toEqual([
        name,
        expect.stringContaining('`request.invalid`'),
      ]);
    }
  });

  test('every operation with a body describes the body and its reply, every command its key', () => {
    for (const [name, operation] of operations()) {
      if (name.startsWith('get ')) continue;
      const ok = operation['responses']?.['200']?.['content']?.['application/json']?.['schema'];
      expect([name, ok]).toEqual([name, expect.any(Object)]);
      const body = operation['requestBody']?.['content']?.['application/json']?.['schema'];
      if (!name.startsWith('delete ')) expect([name, body]).toEqual([name, expect.any(Object)]);
      const parameters = (operation['parameters'] ?? []) as unknown as readonly Json[];
      const keyed = parameters.some((each) => String(each['name']) === 'Idempotency-Key');
      expect([name, keyed]).toEqual([name, !WITHOUT_KEY.includes(name)]);
    }
  });

  test('describes every field of every request and reply, with an example', () => {
    const lacking: string[] = [];
    for (const [name, schema] of Object.entries(document['components']!['schemas'])) {
      for (const [field, property] of Object.entries((schema as Json)['properties'] ?? {})) {
        const described = property as Json;
        if (described['description'] === undefined) lacking.push(`${name}.${field}: description`);
        const nested = JSON.stringify(described).includes('#/components/schemas/');
        if (!nested && !('example' in described)) lacking.push(`${name}.${field}: example`);
      }
    }
    expect(lacking).toEqual([]);
  });

  test('is served as a page too, and nothing else of its package', async () => {
    const page = await api.http.get('/api/docs');
    expect(page.headers.get('content-type')).toContain('text/html');
    const files = [...page.text.matchAll(/"(\/api\/docs\/[^"]+)"/g)].map(([, path]) => path!);
    expect(files).toHaveLength(3);
    for (const path of files) expect((await api.http.get(path)).status).toBe(200);
    for (const path of ['package.json', '..%2fpackage.json', '__proto__', 'constructor']) {
      expect((await api.http.get(`/api/docs/${path}`)).status).toBe(404);
    }
  });
});
