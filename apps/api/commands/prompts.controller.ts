import { Controller, Delete, Inject, Patch, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ApiCommand } from '../openapi/operations.js';
import { DeletePromptReply, PromptReply } from '../openapi/replies-plans.js';
import type { ProblemCode } from '../problem/codes.js';
import { CommandGate } from './command-gate.js';
import { ChangePromptDto, CreatePromptDto, DeletePromptDto } from './prompts.dto.js';
import { CHANGE, CREATE, DELETE } from './prompts.routes.js';

const path = { id: { description: 'Prompt.', example: 'prompt-9' } };
const LIMIT_CODES: readonly ProblemCode[] = ['plan.private_prompts_exhausted', 'plan.storage_exhausted'];

@ApiTags('prompts')
@Controller('api/prompts')
export class PromptsController {
  constructor(@Inject(CommandGate) private readonly gate: CommandGate) {}

  @Post()
  @ApiCommand({
    summary: "Record a prompt, which counts against the plan's limits.",
    body: CreatePromptDto,
    reply: PromptReply,
    codes: ['wallet.not_found', 'wallet.closed', 'prompt.already_exists', ...LIMIT_CODES],
  })
  create(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.gate.handle(request, reply, CREATE);
  }

  @Patch(':id')
  @ApiCommand({
    summary: 'Change visibility or size of a prompt; the limits are checked again.',
    path,
    body: ChangePromptDto,
    reply: PromptReply,
    codes: ['wallet.not_found', 'wallet.closed', 'prompt.not_found', ...LIMIT_CODES],
  })
  change(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.gate.handle(request, reply, CHANGE);
  }

  @Delete(':id')
  @ApiCommand({
    summary: 'Delete a prompt, which frees what it counted for.',
    path,
    query: DeletePromptDto,
    reply: DeletePromptReply,
    codes: ['wallet.not_found', 'wallet.closed', 'prompt.not_found'],
  })
  delete(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.gate.handle(request, reply, DELETE);
  }
}
