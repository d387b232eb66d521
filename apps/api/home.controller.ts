import { Controller, Get, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';

const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>PromptFlow Ledger</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:4rem auto;padding:0 1rem}code{background:#8882;padding:.1em .3em}</style>
<h1>PromptFlow Ledger</h1>
<p>An event-sourced credit ledger. 1,000,000 credits are $1.00.</p>
<ul>
<li><a href="/api/docs">Interface, to read and to try</a> (<a href="/api/docs-json">OpenAPI</a>)</li>
<li><a href="/api/models">Models and their rates</a></li>
<li><a href="/api/ledger/trial-balance">Trial balance</a></li>
<li><a href="/health/ready">Readiness</a></li>
</ul>
<p>This version has no authentication: it listens on a loopback address only.</p>
</html>
`;

@ApiExcludeController()
@Controller()
export class HomeController {
  @Get()
  home(@Res() reply: FastifyReply): void {
    reply.code(200).header('content-type', 'text/html; charset=utf-8').send(PAGE);
  }
}
