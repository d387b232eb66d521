import { applyDecorators, type Type } from '@nestjs/common';
import {
  ApiBody,
  ApiExtraModels,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiQuery,
  ApiResponse,
  getSchemaPath,
} from '@nestjs/swagger';
import { ID_PATTERN } from '#libs/kernel/ids.js';
import { ChargeItemDto } from '../commands/charge-prompt.dto.js';
import { BULK_ITEMS_MAX, BULK_WALLET_ITEMS_MAX } from '../commands/limits.js';
import { IDEMPOTENCY_KEY_FIELD, KEY_EXPECTED } from '../http/idempotency-key.js';
import { type ProblemCode, PROBLEMS } from '../problem/codes.js';
import { ProblemDto } from './problem.dto.js';
import { ChargePromptReply } from './replies-runs.js';

const ID_SCHEMA = { type: 'string', pattern: ID_PATTERN.source, maxLength: 128 } as const;

const BODY_CODES: readonly ProblemCode[] = ['request.invalid', 'request.too_large', 'request.media_type'];
const COMMAND_CODES: readonly ProblemCode[] = [
  ...BODY_CODES,
  'request.id_reused',
  'outcome.unknown',
  'service.overloaded',
  'service.catching_up',
];

/** One response for each status, naming the codes that lead to it. */
export function Problems(codes: readonly ProblemCode[]): MethodDecorator {
  const statuses = [...new Set(codes.map((code) => PROBLEMS[code].status))];
  return applyDecorators(
    ApiExtraModels(ProblemDto),
    ...statuses.map((status) =>
      ApiResponse({
        status,
        description: codes
          .filter((code) => PROBLEMS[code].status === status)
          .map((code) => `\`${code}\`: ${PROBLEMS[code].title}.`)
          .join(' '),
        content: { 'application/problem+json': { schema: { $ref: getSchemaPath(ProblemDto) } } },
      }),
    ),
  );
}

interface BodyOperation {
  readonly summary: string;
  readonly body: Type;
  readonly reply: Type;
  /** Besides those that every such operation has. */
  readonly codes: readonly ProblemCode[];
}

/** Where a path parameter leads, by its name. */
type PathIds = Readonly<Record<string, { readonly description: string; readonly example: string }>>;

interface CommandOperation extends Omit<BodyOperation, 'body'> {
  /** DTO of the body; none for a command that has all it needs in its path and query. */
  readonly body?: Type;
  /** False: the body may be left out. Default true. */
  readonly bodyRequired?: boolean;
  /** DTO of the query parameters. */
  readonly query?: Type;
  readonly path?: PathIds;
  /** False: repeating it changes nothing more, so it takes no key. Default true. */
  readonly keyed?: boolean;
}

const KEY_HEADER = ApiHeader({
  name: IDEMPOTENCY_KEY_FIELD,
  required: true,
  description: `${KEY_EXPECTED}. A repeat with the same body returns the first result with replayed: true.`,
  example: 'order-2026-001',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
});

/** A command: one effect for each Idempotency-Key, for ever. */
export function ApiCommand(operation: CommandOperation): MethodDecorator {
  const { summary, body, bodyRequired = true, query, path = {}, reply, codes, keyed = true } = operation;
  return applyDecorators(
    ApiOperation({ summary }),
    ...(keyed ? [KEY_HEADER] : []),
    ...Object.entries(path).map(([name, text]) => ApiParam({ name, schema: ID_SCHEMA, ...text })),
    ...(body === undefined ? [] : [ApiBody({ type: body, required: bodyRequired })]),
    ...(query === undefined ? [] : [ApiQuery({ type: query })]),
    ApiOkResponse({ type: reply, description: keyed ? 'Done, now or under the same key before.' : 'Done.' }),
    Problems([...(keyed ? COMMAND_CODES : BODY_CODES), ...codes]),
  );
}

/** A question with a body: changes nothing, needs no key. */
export function ApiQuestion({ summary, body, reply, codes }: BodyOperation): MethodDecorator {
  return applyDecorators(
    ApiOperation({ summary }),
    ApiBody({ type: body }),
    ApiOkResponse({ type: reply, description: 'The answer.' }),
    Problems([...BODY_CODES, ...codes]),
  );
}

export function ApiBulk(): MethodDecorator {
  return applyDecorators(
    ApiOperation({
      summary: `Charge up to ${BULK_ITEMS_MAX} runs; each item has its own key, judgement and outcome.`,
      description:
        'Items of one wallet are charged in the order given. An item that is malformed or refused leaves the others ' +
        'alone, unless the bulk is atomicPerWallet. No Idempotency-Key header: every item has a key of its own, ' +
        '`run:<runId>` unless it names one.',
    }),
    ApiExtraModels(ChargeItemDto, ChargePromptReply),
    ApiBody({
      schema: {
        type: 'object',
        required: ['items'],
        additionalProperties: false,
        properties: {
          items: {
            type: 'array',
            minItems: 1,
            maxItems: BULK_ITEMS_MAX,
            description: 'The charges, at most 16 MiB in all.',
            items: { $ref: getSchemaPath(ChargeItemDto) },
          },
          atomicPerWallet: {
            type: 'boolean',
            default: false,
            description:
              `True: the charges of a wallet, at most ${BULK_WALLET_ITEMS_MAX}, take effect together or not at all. When ` +
              'one is refused it is answered by its own code, the others of its wallet by `bulk.not_applied` with ' +
              'refusedIndex.',
            example: false,
          },
        },
      },
    }),
    ApiOkResponse({ description: 'One outcome an item, in the order given.', schema: BULK_REPLY }),
    Problems(BODY_CODES),
  );
}

const BULK_REPLY = {
  type: 'object',
  required: ['items'],
  properties: {
    items: {
      type: 'array',
      items: {
        description:
          'With status 200 also the fields of a charge reply; else code, detail, and what the problem adds.',
        type: 'object',
        required: ['index', 'status'],
        properties: {
          index: { type: 'integer', description: 'Place of the item in the request, from 0.', example: 0 },
          status: {
            type: 'integer',
            description: 'HTTP status the single charge would have had.',
            example: 200,
          },
          code: { type: 'string', description: 'Absent when charged.', example: 'wallet.not_found' },
          detail: { type: 'string', description: 'Absent when charged.', example: 'The user has no wallet.' },
        },
      },
    },
  },
};

interface ReadOperation {
  readonly summary: string;
  readonly reply: Type;
  /** DTO of the query parameters. */
  readonly query?: Type;
  /** Description of the path parameter `id`. */
  readonly id?: string;
  readonly idExample?: string;
  readonly codes: readonly ProblemCode[];
}

export function ApiRead({
  summary,
  reply,
  query,
  id,
  idExample = 'c-7',
  codes,
}: ReadOperation): MethodDecorator {
  return applyDecorators(
    ApiOperation({ summary }),
    ...(query === undefined ? [] : [ApiQuery({ type: query })]),
    ...(id === undefined ? [] : [ApiParam({ name: 'id', description: id, example: idExample })]),
    ApiOkResponse({ type: reply }),
    Problems(['request.invalid', ...codes]),
  );
}
