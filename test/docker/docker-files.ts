import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { PROJECT_ROOT } from '#apps/cli/project-root.js';

export const DOCKER = join(PROJECT_ROOT, 'docker');

export const dockerText = (...path: string[]): string => readFileSync(join(DOCKER, ...path), 'utf8');

export const dockerYaml = (...path: string[]): unknown => parse(dockerText(...path), { merge: true });

export interface Service {
  readonly image: string;
  readonly build?: object;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly networks: readonly string[];
  readonly secrets?: readonly string[];
  readonly volumes?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: object;
  readonly read_only?: boolean;
  readonly tmpfs?: readonly string[];
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly init?: boolean;
}

export interface Compose {
  readonly name: string;
  readonly services: Readonly<Record<string, Service>>;
  readonly networks: Readonly<Record<string, { readonly internal?: boolean }>>;
  readonly volumes: Readonly<Record<string, object>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
}

export const compose = dockerYaml('compose.yaml') as Compose;

/** The services that run the ledger's own programs, by name. */
export const ledgerServices: readonly (readonly [string, Service])[] = Object.entries(
  compose.services,
).filter(([, { image }]) => image.startsWith('promptflow-ledger:'));

export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export const alertRules: readonly AlertRule[] = (
  dockerYaml('prometheus', 'alerts.yml') as { readonly groups: readonly { readonly rules: AlertRule[] }[] }
).groups.flatMap(({ rules }) => rules);

export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly datasource?: { readonly uid: string };
  readonly targets?: readonly { readonly expr: string; readonly refId: string }[];
}

export const dashboard = JSON.parse(dockerText('grafana', 'dashboards', 'ledger.json')) as {
  readonly uid: string;
  readonly title: string;
  readonly panels: readonly Panel[];
};

/** Every question that is asked of Prometheus, and by whom. */
export const queries: readonly (readonly [string, string])[] = [
  ...alertRules.map(({ alert, expr }) => [`alert ${alert}`, expr] as const),
  ...dashboard.panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => [`panel ${title}`, expr] as const),
  ),
];

const METRIC = /\b(ledger|process|nodejs)_[a-z0-9_]+/g;
/** What Prometheus makes of one histogram. */
const OF_A_HISTOGRAM = /_(bucket|sum|count)$/;

/** Metrics of ours that a query names, histograms by their own name. */
export const metricsIn = (expr: string): readonly string[] => [
  ...new Set([...expr.matchAll(METRIC)].map(([name]) => name.replace(OF_A_HISTOGRAM, ''))),
];
