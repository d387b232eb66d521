import type { ICommandHandler } from '@nestjs/cqrs';
import type { Pool } from 'pg';
import type { CatalogueFollower } from '#libs/application/catalogue/follower.js';
import type { EventStore } from '#libs/event-store/port.js';
import type { Clock } from '#libs/kernel/clock.js';
import type { Credits } from '#libs/kernel/credits.js';
import type { CreatorTerms } from '#libs/ledger/creator/terms.js';
import type { ReadModels } from './read/read-models.js';

export interface ApiLogger {
  error(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** How a role that follows the log is doing, wherever it runs. */
export interface Follower {
  readonly role: string;
  /** Some process runs it now. */
  readonly led: boolean;
  /** What waits for it and how far it is; absent when that cannot be told. */
  readonly work?: { readonly waiting: number; readonly of: string; readonly place: string };
}

/** What payouts go by that is not in the log. */
export interface PayoutSettings {
  /** Whether a destination that finance verified with this provider name can be paid as it is configured. */
  readonly accepts: (provider: string) => boolean;
  /** Signing secrets of Stripe's webhooks, all of them valid; none: nothing is believed. */
  readonly webhookSecrets: readonly string[];
  /** Whether our key of Stripe moves real money; absent when this process has none. */
  readonly livemode?: boolean;
}

/** Everything the HTTP interface needs from the process that hosts it. */
export interface ApiDeps {
  /** Head, clock, identity and streams of the log; the api appends through its command handlers alone. */
  readonly store: Pick<EventStore, 'head' | 'logId' | 'now' | 'readStream'>;
  readonly reads: ReadModels;
  /** Rows that are no events and no views of them: what was told to whom, and what is to be told. */
  readonly database: Pool;
  /** host:port of receivers of webhooks that may be private. */
  readonly webhookAllowedHosts: readonly string[];
  readonly payouts: PayoutSettings;
  /** Instances of `@CommandHandler` classes, one for every command. */
  readonly commandHandlers: readonly ICommandHandler[];
  /** Rates, policies and plans as this process has read them: `terms()` to price by, `current()` to show. */
  readonly catalogue: CatalogueFollower;
  readonly clock: Clock;
  /** Highest creator fee of a run and highest price of a flow, in credits. */
  readonly creatorFeeMax: Credits;
  /** When earnings mature and how much a payout must be. */
  readonly creatorTerms: CreatorTerms;
  /** Secret that signs cursors and quotes, at least 32 bytes; the same in every api process. */
  readonly signingKey: Uint8Array;
  readonly logger: ApiLogger;
  /** Who can reach it. Default: this machine alone. */
  readonly reach?: 'loopback' | 'any-host';
  /** Roles that this interface does not need to answer, but that its users wait for. */
  readonly followers?: () => Promise<readonly Follower[]>;
}

/** Injection token of `ApiDeps`. */
export const API_DEPS = Symbol('ApiDeps');

/** Whose keys and commands these are, until there is authentication (domain rules, section 4). */
export const LOCAL_PRINCIPAL = 'local';
