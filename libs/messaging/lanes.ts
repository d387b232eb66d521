/** Below it another transaction costs more than it saves. */
const LANE_MESSAGES_MIN = 64;

/**
 * Splits messages into at most `lanesMax` groups that may be handled side by side: each stream lies in one group whole
 * and in order, and the groups are about equally long.
 */
export function lanesOf<T extends { readonly stream: string }>(
  messages: readonly T[],
  lanesMax: number,
): readonly (readonly T[])[] {
  const count = Math.max(1, Math.min(lanesMax, Math.floor(messages.length / LANE_MESSAGES_MIN)));
  if (count === 1) return messages.length === 0 ? [] : [messages];
  const sizes = new Map<string, number>();
  for (const { stream } of messages) sizes.set(stream, (sizes.get(stream) ?? 0) + 1);
  const loads = new Array<number>(count).fill(0);
  const laneOf = new Map<string, number>();
  for (const [stream, size] of sizes) {
    const lane = loads.indexOf(Math.min(...loads));
    loads[lane]! += size;
    laneOf.set(stream, lane);
  }
  const lanes = loads.map((): T[] => []);
  for (const message of messages) lanes[laneOf.get(message.stream)!]!.push(message);
  return lanes.filter((lane) => lane.length > 0);
}
