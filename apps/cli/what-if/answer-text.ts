import { formatUsd } from '#libs/kernel/credits.js';
import { grouped, table } from '../import-usage/summary-text.js';
import type { FiguresReply, LineReply, Published, RefusedReply, WhatIfReply } from './answer.js';

/** The answer for people, in dollars. */
export function answerText(reply: WhatIfReply): string {
  const { total, users, byModel, byPlan, byUser, otherUsers, refused, asOf } = reply;
  const others = otherUsers.users === 0 ? [] : [[`${grouped(otherUsers.users)} others`, otherUsers] as const];
  return [
    `${grouped(total.runs)} runs of ${grouped(users)} users ${spanText(reply)}, priced again with ${termsText(reply)}`,
    `(up to position ${asOf.position}; nothing was written)`,
    '',
    ...table([['', 'before', 'after', 'change'], ...FIGURES.map((figure) => figureRow(figure, total))]),
    ...lines(
      'by model: revenue',
      'revenue',
      byModel.map((line) => [line.model, line]),
    ),
    ...lines(
      "by plan: users' cost",
      'usersCost',
      byPlan.map((line) => [line.plan, line]),
    ),
    ...lines("by user: users' cost, the largest change first", 'usersCost', [
      ...byUser.map((line) => [line.userId, line] as const),
      ...others,
    ]),
    ...refusedLines(refused),
  ].join('\n');
}

type Figure = keyof FiguresReply;
const FIGURES: readonly (readonly [string, Figure])[] = [
  ['revenue', 'revenue'],
  ['  inference', 'inference'],
  ['  markup', 'markup'],
  ['  fees of runs on own keys', 'byokFee'],
  ["  platform's share of creator fees", 'platformShare'],
  ["creators' income", 'creatorsIncome'],
  ["users' cost", 'usersCost'],
  ['covered by unlimited plans', 'allowance'],
  ['monthly credits of plans', 'monthlyCredits'],
];

const amountOf = (figures: FiguresReply, figure: Figure): bigint => BigInt(figures[figure] ?? '0');

function figureRow([label, figure]: readonly [string, Figure], line: LineReply): readonly string[] {
  return [label, ...changeCells(amountOf(line.before, figure), amountOf(line.after, figure))];
}

function changeCells(before: bigint, after: bigint): readonly string[] {
  const change = after - before;
  return [formatUsd(before), formatUsd(after), `${change > 0n ? '+' : ''}${formatUsd(change)}`];
}

function lines(
  title: string,
  figure: Figure,
  list: readonly (readonly [string, LineReply])[],
): readonly string[] {
  if (list.length === 0) return [];
  const rows = list.map(([name, line]) => [
    name,
    grouped(line.runs),
    ...changeCells(amountOf(line.before, figure), amountOf(line.after, figure)),
  ]);
  return ['', title, ...table([['', 'runs', 'before', 'after', 'change'], ...rows])];
}

const REASONS: Readonly<Record<string, string>> = {
  'model.unpriced': 'no price for the model',
  'plan.model_not_included': 'the plan does not include the model',
  'plan.byok_not_included': 'the plan does not include own keys',
};

function refusedLines(refused: readonly RefusedReply[]): readonly string[] {
  if (refused.length === 0) return [];
  const rows = refused.map(({ model, plan, code, runs, before }) => [
    model,
    plan,
    REASONS[code] ?? code,
    grouped(runs),
    formatUsd(amountOf(before, 'revenue')),
  ]);
  return [
    '',
    'could not take place under the other terms, and is in no sum above',
    ...table([['', 'plan', 'why', 'runs', 'revenue before'], ...rows]),
  ];
}

function spanText({ from, to }: WhatIfReply): string {
  if (from === undefined && to === undefined) return 'of all time';
  return [from === undefined ? '' : `from ${from}`, to === undefined ? '' : `before ${to}`]
    .filter((part) => part !== '')
    .join(' ');
}

function termsText({ terms: { policy, rateCard, planTable } }: WhatIfReply): string {
  const named = (what: string, each: Published | undefined): string =>
    each === undefined ? '' : `${what} ${each.id} version ${each.version}`;
  return [
    policy === undefined ? '' : `policy ${policy}`,
    named('rate card', rateCard),
    named('plan table', planTable),
  ]
    .filter((part) => part !== '')
    .join(', ');
}
