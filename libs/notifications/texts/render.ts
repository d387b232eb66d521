import { assertNever } from '#libs/kernel/assert-never.js';
import type { Locale, NoteData, NoteKind } from '../kinds.js';
import { ENGLISH } from './english.js';
import type { Text } from './text.js';

/** A notification as it was stored. */
export type StoredNote = {
  [Kind in NoteKind]: { readonly kind: Kind; readonly data: NoteData[Kind] };
}[NoteKind];

/** What would end the line of a header, and what is not to be seen. */
const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}]+/gu;

/** What a notification says in a language. Its title is one line, whoever wrote it. Nothing in it is escaped yet. */
export function textOf(note: StoredNote, locale: Locale): Text {
  const text = wordsOf(note, locale);
  return { ...text, title: text.title.replace(CONTROL, ' ').trim() };
}

function wordsOf({ kind, data }: StoredNote, locale: Locale): Text {
  switch (locale) {
    case 'en':
      // The compiler does not see that both come from one row of the union.
      return (ENGLISH[kind] as (data: NoteData[NoteKind]) => Text)(data);
    default:
      return assertNever(locale);
  }
}

/** In the app: everything below the title, one paragraph or fact a line. */
export const bodyOf = ({ paragraphs, facts }: Text): string =>
  [...paragraphs, ...facts.map(([label, value]) => `${label}: ${value}`)].join('\n');

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** For text and for attributes in quotes. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (sign) => ENTITIES[sign]!);

export const plainMail = (text: Text, footer: string): string =>
  [
    text.title,
    ...text.paragraphs,
    text.facts.map(([label, value]) => `${label}: ${value}`).join('\n'),
    `--\n${footer}`,
  ]
    .filter((part) => part !== '')
    .join('\n\n')
    .concat('\n');

/** Without images, links or styles from elsewhere: nothing tells anybody that the mail was opened. */
export function htmlMail({ title, paragraphs, facts }: Text, footer: string): string {
  const lines = (text: string): string => escapeHtml(text).replaceAll('\n', '<br>');
  const rows = facts.map(
    ([label, value]) =>
      `<tr><td style="padding:2px 16px 2px 0;color:#555">${lines(label)}</td><td>${lines(value)}</td></tr>`,
  );
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    `<title>${escapeHtml(title)}</title></head>`,
    '<body style="font-family:system-ui,sans-serif;line-height:1.5;max-width:40em;margin:2em auto;padding:0 1em">',
    `<h1 style="font-size:1.25em">${escapeHtml(title)}</h1>`,
    ...paragraphs.map((paragraph) => `<p>${lines(paragraph)}</p>`),
    ...(rows.length === 0 ? [] : [`<table>${rows.join('')}</table>`]),
    `<p style="color:#777;font-size:0.85em;border-top:1px solid #ddd;padding-top:1em">${lines(footer)}</p>`,
    '</body></html>\n',
  ].join('\n');
}
