import { Injectable } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';

const DESCRIPTION = `An event-sourced credit ledger.

**Amounts** are whole credits (1,000,000 credits = $1.00): sent as a string of decimal digits or a JSON integer, always
answered as a string. **Times** are ISO 8601 in UTC. **Ids** are 1 to 128 characters of A-Z a-z 0-9 . _ -.

**Commands** need an Idempotency-Key: a key has at most one effect, for ever, so after a lost answer send the same again.
**Reads** accept minPosition, the position of a command's reply, and then show at least its effect.
**Errors** are problem documents (RFC 9457) with a stable code.

This version has no authentication: the server listens on a loopback address only.`;

/** The OpenAPI document, made when first asked for: a start does not wait for it. */
@Injectable()
export class OpenApiDocument {
  private app: NestFastifyApplication | undefined;
  private made: string | undefined;

  /** Called once the application is there; routes registered until the first `text()` are described. */
  describe(app: NestFastifyApplication): void {
    this.app = app;
  }

  /** JSON text. @throws when `describe` was not called */
  text(): string {
    if (this.app === undefined) throw new Error('OpenApiDocument.describe was not called.');
    return (this.made ??= JSON.stringify(openApiDocument(this.app)));
  }
}

function openApiDocument(app: NestFastifyApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setTitle('PromptFlow Ledger')
    .setDescription(DESCRIPTION)
    .setVersion('1')
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .build();
  return SwaggerModule.createDocument(app, config, { operationIdFactory: (_, method) => method });
}
