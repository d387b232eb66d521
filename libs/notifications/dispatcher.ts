import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import type { Clock } from '#libs/kernel/clock.js';
import { anyDue, claimMails, claimWebhooks } from './deliveries.js';
import { type MailSending, sendMail, SERVER_PAUSE_MS } from './mail/send-mail.js';
import type { MailTransport } from './mail/transport.js';
import { sendWebhook, type WebhookSending } from './webhooks/send-webhook.js';
import type { postWebhook } from './webhooks/post.js';

/** Who has taken a delivery has it for so long; then it is taken to have crashed. Longer than any try. */
export const MAIL_LEASE_MS = 60_000;
export const WEBHOOK_LEASE_MS = 25_000;
const POLL_MS = 100;
const MAILS_IN_FLIGHT_MAX = 8;
const WEBHOOKS_IN_FLIGHT_MAX = 32;
/** One that answers slowly must not take all places. */
const PER_ENDPOINT_MAX = 8;
const TROUBLE_PAUSE_MS = 1_000;

export interface DispatcherOptions {
  readonly pool: Pool;
  readonly clock: Clock;
  readonly transport: MailTransport;
  /** Sender of all mails. */
  readonly mailFrom: string;
  readonly webhookAllowedHosts: readonly string[];
  /** Ends it: what is in hand is finished, at most for the time of one try. */
  readonly signal: AbortSignal;
  /** The database, or the mail server, does not answer; it is tried again. */
  readonly onTrouble: (error: unknown, what: 'database' | 'mail') => void;
  /** Of mails and webhooks alike. Default: `MAIL_LEASE_MS` and `WEBHOOK_LEASE_MS`. */
  readonly leaseMs?: number;
  readonly post?: typeof postWebhook;
}

export interface DispatcherStatus {
  readonly mails: Readonly<Record<'delivered' | 'failed' | 'cancelled' | 'later', number>>;
  readonly webhooks: Readonly<Record<'delivered' | 'failed' | 'later', number>>;
  readonly inFlight: number;
  /** Since when no mail gets through, milliseconds since the epoch. */
  readonly mailServerDownSince: number | undefined;
}

/**
 * Sends what is due, from as many processes as there are: a delivery is in one hand at a time. After a crash in the
 * middle of a try nobody knows whether it arrived, so it is sent again under the same Message-ID or webhook-id, by which
 * a receiver tells.
 */
export class Dispatcher {
  private readonly mails = { delivered: 0, failed: 0, cancelled: 0, later: 0 };
  private readonly webhooks = { delivered: 0, failed: 0, later: 0 };
  private mailsInFlight = 0;
  private readonly endpointsInFlight = new Map<string, number>();
  private readonly running = new Set<Promise<void>>();
  private mailPausedUntil = 0;
  private mailDownSince: number | undefined;
  private nudged = false;
  private wake: () => void = () => undefined;

  constructor(private readonly options: DispatcherOptions) {}

  status(): DispatcherStatus {
    return {
      mails: { ...this.mails },
      webhooks: { ...this.webhooks },
      inFlight: this.running.size,
      mailServerDownSince: this.mailDownSince,
    };
  }

  /** Something has become due in this process: it need not wait for the next look. */
  nudge(): void {
    this.nudged = true;
    this.wake();
  }

  async run(): Promise<void> {
    const { signal, onTrouble } = this.options;
    signal.addEventListener('abort', () => this.wake(), { once: true });
    while (!signal.aborted) {
      this.nudged = false;
      try {
        const taken = await this.take();
        if (!taken) await this.rest(POLL_MS);
      } catch (error) {
        onTrouble(error, 'database');
        await this.rest(TROUBLE_PAUSE_MS);
      }
    }
    await Promise.all(this.running);
  }

  /** Takes as much in hand as there is room for. True when there may be more, and room for it. */
  private async take(): Promise<boolean> {
    const { pool, clock } = this.options;
    const now = clock.now();
    const due = await anyDue(pool, now);
    const mails = due.mails ? await this.takeMails(now) : 0;
    const webhooks = due.webhooks ? await this.takeWebhooks(now) : 0;
    return mails + webhooks > 0;
  }

  private claim(now: number, usualMs: number) {
    const { leaseMs = usualMs } = this.options;
    return { lease: randomUUID(), now, until: now + leaseMs };
  }

  private async takeMails(now: number): Promise<number> {
    const { pool } = this.options;
    const down = this.mailDownSince !== undefined;
    // While the server is away one mail finds out whether it is back.
    const room = (down ? 1 : MAILS_IN_FLIGHT_MAX) - this.mailsInFlight;
    if (room <= 0 || now < this.mailPausedUntil) return 0;
    const claimed = await claimMails(pool, { ...this.claim(now, MAIL_LEASE_MS), limit: room });
    for (const mail of claimed) {
      this.mailsInFlight += 1;
      this.start(async () => {
        try {
          const result = await sendMail(this.mailSending(), mail);
          if (result.kind === 'server') return this.mailServerDown(result.detail);
          this.mails[result.kind] += 1;
          if (result.kind === 'delivered') this.mailDownSince = undefined;
        } finally {
          this.mailsInFlight -= 1;
        }
      });
    }
    return claimed.length;
  }

  private mailServerDown(detail: string): void {
    const { clock, onTrouble, transport } = this.options;
    const now = clock.now();
    if (this.mailDownSince === undefined) onTrouble(new Error(`${transport.name}: ${detail}`), 'mail');
    this.mailDownSince ??= now;
    this.mailPausedUntil = now + SERVER_PAUSE_MS;
  }

  private mailSending(): MailSending {
    const { pool, transport, mailFrom: from, clock } = this.options;
    return { pool, transport, from, now: () => clock.now() };
  }

  private async takeWebhooks(now: number): Promise<number> {
    const { pool } = this.options;
    const counts = [...this.endpointsInFlight.values()];
    const room = WEBHOOKS_IN_FLIGHT_MAX - counts.reduce((sum, count) => sum + count, 0);
    if (room <= 0) return 0;
    // One that has something in hand waits until all of it is done: then it may have its full share again.
    const except = [...this.endpointsInFlight.keys()];
    const claimed = await claimWebhooks(pool, {
      ...this.claim(now, WEBHOOK_LEASE_MS),
      limit: room,
      perEndpoint: PER_ENDPOINT_MAX,
      except,
    });
    for (const webhook of claimed) {
      const { endpointId } = webhook;
      this.endpointsInFlight.set(endpointId, (this.endpointsInFlight.get(endpointId) ?? 0) + 1);
      this.start(async () => {
        try {
          this.webhooks[await sendWebhook(this.webhookSending(), webhook)] += 1;
        } finally {
          this.released(endpointId);
        }
      });
    }
    return claimed.length;
  }

  private webhookSending(): WebhookSending {
    const { pool, webhookAllowedHosts: allowedHosts, clock, post } = this.options;
    return { pool, allowedHosts, now: () => clock.now(), ...(post === undefined ? {} : { post }) };
  }

  private released(endpointId: string): void {
    const left = this.endpointsInFlight.get(endpointId)! - 1;
    if (left === 0) this.endpointsInFlight.delete(endpointId);
    else this.endpointsInFlight.set(endpointId, left);
  }

  /** What cannot be recorded is found again when its lease is over. */
  private start(work: () => Promise<void>): void {
    const run = work()
      .catch((error: unknown) => this.options.onTrouble(error, 'database'))
      .finally(() => {
        this.running.delete(run);
        this.nudge();
      });
    this.running.add(run);
  }

  private async rest(ms: number): Promise<void> {
    if (this.nudged || this.options.signal.aborted) return;
    const woken = new AbortController();
    this.wake = () => woken.abort();
    await sleep(ms, undefined, { signal: woken.signal }).catch(() => undefined);
    this.wake = () => undefined;
  }
}
