/** Who sends a command and under which idempotency key; every command that changes the ledger travels in one. */
export interface Envelope {
  /** Service client, token subject, `local` until identity exists, `system:<role>` for internal commands. */
  readonly principal: string;
  /** 1 to 255 printable ASCII characters, scoped to principal and stream. */
  readonly key: string;
  /** Of the command as sent, before defaults: see `hashBody`. The same key with another hash is refused. */
  readonly bodyHash: string;
  readonly correlationId?: string;
  readonly causationId?: string;
}
