import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Controller, Get, Inject, Param, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { sendJson } from '../http/send.js';
import { ProblemError } from '../problem/problem.js';
import { OpenApiDocument } from './document.js';

// Only these files of the package are served: a fixed list needs no static-file server and leaks nothing.
const ASSETS: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
};

const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>PromptFlow Ledger: interface</title>
<link rel="icon" type="image/png" href="/api/docs/favicon-32x32.png">
<link rel="stylesheet" href="/api/docs/swagger-ui.css">
<div id="swagger-ui"></div>
<script src="/api/docs/swagger-ui-bundle.js"></script>
<script>SwaggerUIBundle({ url: '/api/docs-json', dom_id: '#swagger-ui', deepLinking: true });</script>
</html>
`;

/** The interface's description: OpenAPI as JSON, and a page to read and try it. */
@ApiExcludeController()
@Controller('api')
export class DocsController {
  private readonly folder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));

  constructor(@Inject(OpenApiDocument) private readonly document: OpenApiDocument) {}

  @Get('docs')
  page(@Res() reply: FastifyReply): void {
    reply.code(200).header('content-type', 'text/html; charset=utf-8').send(PAGE);
  }

  @Get('docs-json')
  json(@Res() reply: FastifyReply): void {
    sendJson(reply, this.document.text());
  }

  @Get('docs/:file')
  async asset(@Param('file') file: string, @Res() reply: FastifyReply): Promise<void> {
    const mediaType = Object.hasOwn(ASSETS, file) ? ASSETS[file] : undefined;
    if (mediaType === undefined) throw new ProblemError('route.not_found');
    const content = await readFile(join(this.folder, file));
    reply.code(200).header('content-type', mediaType).header('cache-control', 'max-age=3600').send(content);
  }
}
