/** Where a process manager keeps how far it came: durable, one text a name. */
export interface CheckpointStore {
  /** The position saved last (see `formatPosition`), undefined before the first. */
  load(name: string): Promise<string | undefined>;
  /** Never goes back while the store lives: an older position of the same log than the saved one is ignored. */
  save(name: string, position: string): Promise<void>;
}
