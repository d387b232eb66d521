// Who may import whom (docs: the layout of the architecture), as rules for dependency-cruiser. Deny by default: a room
// imports itself and what its row names. A new room needs a row here, or its first import of ours fails.

const ROOMS = {
  'libs/kernel': [],
  'libs/ledger': ['libs/kernel'],
  'libs/contracts': ['libs/ledger', 'libs/kernel'],
  'libs/event-store': ['libs/kernel'],
  'libs/platform': ['libs/kernel'],
  'libs/event-store-postgres': ['libs/event-store', 'libs/platform', 'libs/kernel'],
  'libs/event-store-eventstoredb': ['libs/event-store', 'libs/platform', 'libs/kernel'],
  'libs/application': ['libs/ledger', 'libs/contracts', 'libs/event-store', 'libs/kernel'],
  'libs/projection-runner': ['libs/event-store', 'libs/contracts', 'libs/platform', 'libs/kernel'],
  'libs/messaging': ['libs/contracts', 'libs/event-store', 'libs/platform', 'libs/kernel'],
  'libs/payments': ['libs/platform', 'libs/kernel'],
  'libs/payouts': ['libs/platform', 'libs/kernel'],
  'libs/notifications': ['libs/contracts', 'libs/platform', 'libs/kernel'],
  'libs/vault': ['libs/platform', 'libs/kernel'],
  'libs/client': [],
};

const OURS = '^(libs|apps|projections|test|examples|scripts)/';
/** Specs may use the test scaffolding, and a lib's spec whatever it needs to set a scene. */
const SPECS = '\\.spec\\.ts$';
const PACKAGES = ['npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-bundled', 'npm-no-pkg', 'npm-unknown'];
const pathOf = (room) => `^${room}/`;

const roomRules = Object.entries(ROOMS).map(([room, below]) => ({
  name: `${room} imports ${below.length === 0 ? 'nothing of ours' : below.map((each) => each.replace('libs/', '')).join(', ')}`,
  severity: 'error',
  from: { path: pathOf(room), pathNot: SPECS },
  to: { path: OURS, pathNot: [room, ...below].map(pathOf) },
}));

const known = Object.keys(ROOMS).map(pathOf);

/** `reach` of a package name inside node_modules, however it is nested. */
const packages = (...names) => names.map((name) => `(^|/)node_modules/${name}/`);

/** @type {import('dependency-cruiser').IForbiddenRuleType[]} */
const forbidden = [
  ...roomRules,
  {
    name: 'a lib without a row imports nothing of ours',
    severity: 'error',
    from: { path: '^libs/([^/]+)/', pathNot: [...known, SPECS] },
    to: { path: OURS, pathNot: '^libs/$1/' },
  },
  {
    name: 'the domain imports no package and no module of Node',
    severity: 'error',
    from: { path: '^libs/(kernel|ledger)/', pathNot: SPECS },
    to: { dependencyTypes: ['core', ...PACKAGES] },
  },
  {
    name: 'projections import projection-runner, ledger, contracts, kernel',
    severity: 'error',
    from: { path: '^projections/([^/]+)/', pathNot: SPECS },
    to: {
      path: OURS,
      pathNot: ['^projections/$1/', '^libs/(projection-runner|ledger|contracts|kernel)/'],
    },
  },
  {
    name: 'apps import libs and projections, never another app',
    severity: 'error',
    // What puts the roles of one process together: the engine, and the entry points that start it.
    from: {
      path: '^apps/([^/]+)/',
      pathNot: [SPECS, '^apps/engine/', '^apps/[^/]+/main\\.ts$', '^apps/cli/'],
    },
    to: { path: '^(apps|test|examples|scripts)/', pathNot: '^apps/$1/' },
  },
  {
    name: 'the engine puts the apps together and imports nothing else above libs',
    severity: 'error',
    from: { path: '^apps/engine/', pathNot: SPECS },
    to: {
      path: ['^(test|examples|scripts)/', '^apps/(cli|console)/', '^apps/[^/]+/main\\.ts$'],
      pathNot: '^apps/engine/',
    },
  },
  {
    name: 'entry points and the command line import of other apps only the engine',
    severity: 'error',
    from: { path: ['^apps/([^/]+)/main\\.ts$', '^apps/(cli)/'], pathNot: SPECS },
    to: { path: '^(apps|test|examples|scripts)/', pathNot: ['^apps/$1/', '^apps/engine/'] },
  },
  {
    name: 'only event-store-eventstoredb imports the EventStoreDB client',
    severity: 'error',
    from: { path: '^(libs|apps|projections)/', pathNot: '^libs/event-store-eventstoredb/' },
    to: { path: packages('@eventstore/db-client', '@kurrent/kurrentdb-client') },
  },
  {
    name: 'only messaging imports kafkajs',
    severity: 'error',
    from: { path: '^(libs|apps|projections)/', pathNot: '^libs/messaging/' },
    to: { path: packages('kafkajs') },
  },
  {
    name: 'only payments and payouts import the Stripe library',
    severity: 'error',
    from: { path: '^(libs|apps|projections)/', pathNot: '^libs/(payments|payouts)/' },
    to: { path: packages('stripe') },
  },
  {
    name: 'Nest stays in apps and application',
    severity: 'error',
    from: { path: '^(libs|projections)/', pathNot: '^libs/application/' },
    to: { path: packages('@nestjs/[^/]+') },
  },
  {
    name: 'application imports of Nest only the buses',
    severity: 'error',
    from: { path: '^libs/application/', pathNot: SPECS },
    to: { path: packages('@nestjs/[^/]+'), pathNot: packages('@nestjs/(cqrs|common)') },
  },
  {
    name: 'no cycles',
    severity: 'error',
    from: {},
    to: { circular: true },
  },
  {
    name: 'every import resolves',
    severity: 'error',
    from: {},
    to: { couldNotResolve: true },
  },
];

export default {
  forbidden,
  options: {
    doNotFollow: { path: 'node_modules' },
    // Imports of types count: they are what couples two rooms.
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { conditionNames: ['source', 'import', 'require', 'node', 'default', 'types'] },
  },
};
