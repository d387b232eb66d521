import type { DynamicModule } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { BulkCharges } from './commands/bulk.js';
import { BulkGroups } from './commands/bulk-groups.js';
import { CommandGate } from './commands/command-gate.js';
import { CreditsController } from './commands/credits.controller.js';
import { FlowsController } from './commands/flows.controller.js';
import { PlanChangesController } from './commands/plans.controller.js';
import { PromptsController } from './commands/prompts.controller.js';
import { RowGate } from './commands/row-gate.js';
import { RunsController } from './commands/runs.controller.js';
import { WalletsController } from './commands/wallets.controller.js';
import { CreatorReads } from './creators/creator-reads.js';
import { CreatorsController } from './creators/creators.controller.js';
import { API_DEPS, type ApiDeps } from './deps.js';
import { HealthController } from './health/health.controller.js';
import { HomeController } from './home.controller.js';
import { DocsController } from './openapi/docs.controller.js';
import { CampaignsController } from './notifications/campaigns.controller.js';
import { NotificationReads } from './notifications/notification-reads.js';
import { NotificationsController } from './notifications/notifications.controller.js';
import { WebhooksController } from './notifications/webhooks.controller.js';
import { OpenApiDocument } from './openapi/document.js';
import { PayoutReads } from './payouts/payout-reads.js';
import { PayoutsController } from './payouts/payouts.controller.js';
import { StripeWebhookController } from './payouts/stripe-webhook.controller.js';
import { CatalogueController } from './pricing/catalogue.controller.js';
import { PricingController } from './pricing/pricing.controller.js';
import { BooksController } from './read/books.controller.js';
import { CreditsReadController } from './read/credits-read.controller.js';
import { Reads } from './read/reads.js';
import { WhatIfController } from './what-if/what-if.controller.js';
import { WalletReads } from './read/wallet-reads.js';

/** The HTTP interface around what the process gives it. */
export class ApiModule {
  static with(deps: ApiDeps): DynamicModule {
    return {
      module: ApiModule,
      imports: [CqrsModule.forRoot()],
      controllers: [
        HomeController,
        DocsController,
        WalletsController,
        CreditsController,
        CreditsReadController,
        RunsController,
        FlowsController,
        PromptsController,
        PlanChangesController,
        CreatorsController,
        PayoutsController,
        StripeWebhookController,
        BooksController,
        PricingController,
        CatalogueController,
        WhatIfController,
        NotificationsController,
        WebhooksController,
        CampaignsController,
        HealthController,
      ],
      providers: [
        { provide: API_DEPS, useValue: deps },
        CommandGate,
        RowGate,
        BulkCharges,
        BulkGroups,
        Reads,
        WalletReads,
        CreatorReads,
        NotificationReads,
        PayoutReads,
        OpenApiDocument,
        // A factory, because the CommandBus finds a handler's command through the instance a factory made.
        ...deps.commandHandlers.map((handler) => ({
          provide: handler.constructor,
          useFactory: () => handler,
        })),
      ],
    };
  }
}
