import type { Snapshot, SnapshotStore } from '#libs/application/snapshots/snapshot-store.js';

/** Snapshots in memory; a test may put in whatever it likes. */
export class MemorySnapshots implements SnapshotStore {
  readonly kept = new Map<string, Snapshot>();
  /** Newest revision saved of each stream, in the order of saving. */
  readonly saves: number[] = [];
  loads = 0;
  /** Loading and saving fail while set. */
  broken: Error | undefined;

  async load(stream: string, version: number): Promise<Snapshot | undefined> {
    this.loads += 1;
    if (this.broken) throw this.broken;
    return this.kept.get(`${stream} ${version}`);
  }

  async save(stream: string, snapshot: Snapshot): Promise<void> {
    if (this.broken) throw this.broken;
    this.saves.push(snapshot.revision);
    this.kept.set(`${stream} ${snapshot.version}`, snapshot);
  }
}
