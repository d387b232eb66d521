// Module hooks for scripts that import our TypeScript as it stands: rooms (#libs/...) by their sources, and each
// relative .js as the .ts it is written in.
import { transformFile } from '@swc/core';
import { fileURLToPath } from 'node:url';

const TYPESCRIPT = /\.ts$/;
const isOurs = (url) => url !== undefined && TYPESCRIPT.test(url);

export async function resolve(specifier, context, next) {
  const found =
    specifier.startsWith('.') && isOurs(context.parentURL) ? specifier.replace(/\.js$/, '.ts') : specifier;
  return next(found, { ...context, conditions: ['source', ...context.conditions] });
}

export async function load(url, context, next) {
  if (!isOurs(url)) return next(url, context);
  const { code } = await transformFile(fileURLToPath(url), {
    jsc: { target: 'es2022', parser: { syntax: 'typescript', decorators: true } },
  });
  return { format: 'module', source: code, shortCircuit: true };
}
