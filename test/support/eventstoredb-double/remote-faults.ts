import type { LostReply, PlannedLoss } from '#libs/event-store/memory-store.js';
import type { ControlBody, ControlState } from './control.js';

/** The faults of a double in another process, asked for through its control endpoint. */
export class RemoteFaults {
  /** `url`: as printed by the double, `http://127.0.0.1:PORT`. */
  constructor(private readonly url: string) {}

  async hang(): Promise<void> {
    await this.#ask('hang');
  }

  async release(): Promise<void> {
    await this.#ask('release');
  }

  async clear(): Promise<void> {
    await this.#ask('clear');
  }

  async delay(ms: number): Promise<void> {
    await this.#ask('delay', { ms });
  }

  async setReady(ready: boolean): Promise<void> {
    await this.#ask('set-ready', { ready });
  }

  async dropConnections(): Promise<void> {
    await this.#ask('drop-connections');
  }

  async endStreams(): Promise<void> {
    await this.#ask('end-streams');
  }

  async repeatCaughtUp(): Promise<void> {
    await this.#ask('repeat-caught-up');
  }

  async refuseConnections(): Promise<void> {
    await this.#ask('refuse-connections');
  }

  async acceptConnections(): Promise<void> {
    await this.#ask('accept-connections');
  }

  async loseNextReply(when: LostReply, options: { streams?: RegExp } = {}): Promise<PlannedLoss> {
    const { id } = (await this.#ask('lose-next-reply', { when, ...streamsOf(options) })) as { id: number };
    return {
      release: async () => {
        await this.#ask('release-late', { id });
      },
    };
  }

  async conflictNextAppend(options: { streams?: RegExp; actual?: bigint | 'no_stream' } = {}): Promise<void> {
    const actual = options.actual === undefined ? {} : { actual: String(options.actual) };
    await this.#ask('conflict-next-append', { ...actual, ...streamsOf(options) });
  }

  async state(): Promise<ControlState> {
    return (await this.#ask('state')) as ControlState;
  }

  /** Throws with the endpoint's own words when it refuses. */
  async #ask(action: string, body: ControlBody = {}): Promise<unknown> {
    const response = await fetch(`${this.url}/${action}`, { method: 'POST', body: JSON.stringify(body) });
    const answer = (await response.json()) as { error?: string };
    if (!response.ok) throw new Error(`The protocol double's control refused "${action}": ${answer.error}`);
    return answer;
  }
}

function streamsOf({ streams }: { streams?: RegExp }): { streams?: string } {
  return streams === undefined ? {} : { streams: streams.source };
}
