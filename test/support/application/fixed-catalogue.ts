import type { CatalogueFollower } from '#libs/application/catalogue/follower.js';
import { type Catalogue } from '#libs/ledger/catalogue/catalogue.js';
import { STANDARD_CATALOGUE } from '#libs/ledger/catalogue/standard.js';

/** A catalogue that follows no log and never grows old, for tests that are about something else. */
export const fixedCatalogue = (catalogue: Catalogue = STANDARD_CATALOGUE): CatalogueFollower => ({
  terms: () => catalogue,
  current: () => catalogue,
  refresh: () => Promise.resolve(),
  stopped: Promise.resolve(),
});
