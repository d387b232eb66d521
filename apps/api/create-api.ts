import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ApiModule } from './api.module.js';
import type { ApiDeps } from './deps.js';
import { fastifyAdapter } from './http/fastify.js';
import { OpenApiDocument } from './openapi/document.js';
import { ProblemFilter } from './problem/problem.filter.js';

export type { ApiDeps } from './deps.js';

/**
 * The HTTP interface, ready for `inject` or `listen`; the caller closes it. It owns nothing it was given: store,
 * read models and handlers stay the caller's.
 */
export async function createApi(deps: ApiDeps): Promise<NestFastifyApplication> {
  const problems = new ProblemFilter(deps.logger);
  const app = await NestFactory.create<NestFastifyApplication>(
    ApiModule.with(deps),
    fastifyAdapter(problems),
    { bodyParser: false, logger: false, abortOnError: false },
  );
  app.useGlobalFilters(problems);
  app.get(OpenApiDocument).describe(app);
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
  return app;
}
