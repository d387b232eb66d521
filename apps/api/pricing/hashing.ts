import { hashBody } from '#libs/application/body-hash.js';
import { ok } from '#libs/kernel/result.js';
import type { CommandReader } from '../commands/to-command.js';
import { byValue } from './nested.js';

/** The reader, with amounts inside of the body's records hashed by value: "12" and 12 are the same request. */
export const hashingByValue =
  <C extends { readonly type: string }>(
    read: CommandReader<C>,
    amounts: ReadonlySet<string>,
  ): CommandReader<C> =>
  (request, limits) => {
    const asked = read(request, limits);
    if (!asked.ok) return asked;
    const { command } = asked.value;
    return ok({ command, bodyHash: hashBody(command.type, byValue(request.body, amounts)) });
  };
