import { assertNever } from '#libs/kernel/assert-never.js';
import type { CatalogueCommand } from '#libs/ledger/catalogue/commands.js';
import {
  decidePublication,
  evolvePublications,
  NO_PUBLICATIONS,
  type Publications,
} from '#libs/ledger/catalogue/decide.js';
import type { CatalogueEvent } from '#libs/ledger/catalogue/events.js';
import { plansStream, policyStream, rateCardStream } from '#libs/ledger/events.js';
import type { StreamDefinition } from '../stream-definition.js';
import { StreamExecutor, type StreamExecutorOptions } from '../stream-executor.js';

export type CatalogueExecutor = StreamExecutor<Publications, CatalogueCommand, CatalogueEvent>;

/** Streams of rate cards, policies and plan tables fold and decide alike: each is a list of versions. */
const catalogueDefinition: StreamDefinition<Publications, CatalogueCommand, CatalogueEvent> = {
  initial: NO_PUBLICATIONS,
  evolve: evolvePublications,
  decide: decidePublication,
  /** No id of a publication is used up: versions are counted. */
  idsOf: () => [],
  idsNamedBy: () => [],
};

/** The one way to append to the catalogue's streams, seeding excepted. The caller closes it. */
export const createCatalogueExecutor = (
  options: Pick<
    StreamExecutorOptions<Publications, CatalogueCommand, CatalogueEvent>,
    'store' | 'clock' | 'observer'
  >,
): CatalogueExecutor => new StreamExecutor({ ...options, definition: catalogueDefinition });

/** Categories of the catalogue's streams, for filters. */
export const CATALOGUE_CATEGORIES: readonly string[] = ['ratecard', 'policy', 'plans'];

/** The stream that a publication belongs to. */
export function streamOf(publication: CatalogueCommand | CatalogueEvent): string {
  switch (publication.type) {
    case 'PublishRateCard':
    case 'RateCardPublished':
      return rateCardStream(publication.cardId);
    case 'ActivatePolicy':
    case 'PolicyActivated':
      return policyStream(publication.policyId);
    case 'PublishPlans':
    case 'PlansPublished':
      return plansStream(publication.tableId);
    default:
      return assertNever(publication);
  }
}
