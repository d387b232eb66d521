import type { ClientBase, Pool } from 'pg';
import type { ProviderNotice } from './provider.js';
import { statement } from './sql-file.js';

const KEEP = statement('keep-notice');
const CLAIM = statement('claim-notices');

/** What a provider has told, and which telling it was. */
export interface KeptNotice {
  readonly provider: string;
  /** The provider's id of the telling, not of what it is about. */
  readonly id: string;
  readonly type: string;
  readonly notice: ProviderNotice;
}

/** A notice that is to be acted on, and for the how many-th time. */
export interface DueNotice extends KeptNotice {
  readonly tries: number;
}

interface NoticeColumns extends Omit<DueNotice, 'notice'> {
  readonly notice: Omit<ProviderNotice, 'amountCents'> & { readonly amountCents?: string };
}

/** Notices in Postgres: each once, however often it comes. */
export class ProviderNotices {
  constructor(private readonly pool: Pick<Pool, 'query'>) {}

  /** False when it was known. */
  async keep({ provider, id, type, notice }: KeptNotice): Promise<boolean> {
    const json = JSON.stringify(notice, (_name, value: unknown) =>
      typeof value === 'bigint' ? value.toString() : value,
    );
    return (await this.pool.query({ ...KEEP, values: [provider, id, type, json] })).rowCount === 1;
  }

  /** Takes what is due; nobody else has it for `leaseMs`. */
  async claim(options: { readonly limit: number; readonly leaseMs: number }): Promise<readonly DueNotice[]> {
    const values = [options.limit, options.leaseMs];
    const { rows } = await this.pool.query<NoticeColumns>({ ...CLAIM, values });
    return rows.map(({ notice, ...row }) => ({ ...row, notice: noticeOf(notice) }));
  }

  /** Says what came of it; it is not looked at again. */
  async end(tx: Pick<ClientBase, 'query'>, { provider, id }: KeptNotice, outcome: string): Promise<void> {
    const text =
      'update payouts.provider_notices set outcome = $3, done_at = now(), due_at = null where provider = $1 and id = $2';
    await tx.query({ name: 'payouts-end-notice', text, values: [provider, id, outcome] });
  }
}

const noticeOf = ({ amountCents, ...notice }: NoticeColumns['notice']): ProviderNotice =>
  ({
    ...notice,
    ...(amountCents === undefined ? {} : { amountCents: BigInt(amountCents) }),
  }) as ProviderNotice;
