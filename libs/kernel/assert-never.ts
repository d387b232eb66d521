/** Makes a `switch` exhaustive: the compiler refuses a case left out, and a value from outside throws. */
export function assertNever(value: never): never {
  throw new Error(`Unexpected value: ${JSON.stringify(value)}`);
}
