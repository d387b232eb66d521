import { dashboard, dockerYaml, alertRules, ledgerServices, metricsIn, queries } from './docker-files.js';

interface Prometheus {
  readonly scrape_configs: readonly {
    readonly job_name: string;
    readonly dns_sd_configs?: readonly { readonly names: readonly string[]; readonly port: number }[];
  }[];
}

test('Prometheus asks every service of the ledger on its METRICS_PORT, and nothing else', () => {
  const { scrape_configs } = dockerYaml('prometheus', 'prometheus.yml') as Prometheus;
  const asked = scrape_configs.flatMap(({ dns_sd_configs = [] }) =>
    dns_sd_configs.flatMap(({ names, port }) => names.map((name) => [name, String(port)])),
  );
  expect(asked.sort()).toEqual(
    ledgerServices.map(([name, { environment }]) => [name, environment?.['METRICS_PORT']]).sort(),
  );
});

describe('alert rules', () => {
  test('have names of their own', () => {
    expect(new Set(alertRules.map(({ alert }) => alert)).size).toBe(alertRules.length);
  });

  test.each(alertRules.map((rule) => [rule.alert, rule] as const))(
    '%s says how urgent it is, what has happened and what to do',
    (_, { labels, annotations }) => {
      expect(['page', 'ticket']).toContain(labels['severity']);
      expect(annotations['summary']).toMatch(/^.{10,}\.$/);
      expect(annotations['action']).toMatch(/^.{10,}[.?]$/);
    },
  );

  test('tell of what must never go unseen', () => {
    expect(alertRules.map(({ alert }) => alert)).toEqual(
      expect.arrayContaining([
        'TrialBalanceNotZero',
        'ProjectionStalled',
        'RelayLag',
        'MessagesParked',
        'NoLeader',
      ]),
    );
  });
});

describe('dashboard', () => {
  const shown = dashboard.panels.filter(({ type }) => type !== 'row');

  test('asks the provisioned source of data', () => {
    const { datasources } = dockerYaml('grafana', 'provisioning', 'datasources', 'prometheus.yaml') as {
      readonly datasources: readonly { readonly uid: string }[];
    };
    const known = datasources.map(({ uid }) => uid);
    for (const { title, datasource } of shown)
      expect([title, known.includes(datasource?.uid ?? '')]).toEqual([title, true]);
  });

  test('panels have ids of their own, say what they show, and do not lie over each other', () => {
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
    const taken = new Set<string>();
    for (const { title, gridPos, description, targets } of shown) {
      expect([title, (description ?? '').length > 0, (targets ?? []).length > 0]).toEqual([
        title,
        true,
        true,
      ]);
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect([title, taken.has(`${x} ${y}`)]).toEqual([title, false]);
          taken.add(`${x} ${y}`);
        }
      }
    }
  });
});

test.each(queries)('%s asks for metrics, with every bracket closed', (_, expr) => {
  expect(metricsIn(expr).length + (/\bup\b/.test(expr) ? 1 : 0)).toBeGreaterThan(0);
  const open: string[] = [];
  // What stands in quotes is text.
  for (const sign of expr.replaceAll(/"[^"]*"/g, '""')) {
    if ('({['.includes(sign)) open.push(sign);
    else if (')}]'.includes(sign)) expect([open.pop(), sign]).toEqual(['({['[')}]'.indexOf(sign)], sign]);
  }
  expect(open).toEqual([]);
});
