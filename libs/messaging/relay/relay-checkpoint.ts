import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LOG_START, type Position } from '#libs/event-store/port.js';
import type { LeaderSession } from '#libs/platform/leadership.js';

const sql = (file: string): string => readFileSync(join(import.meta.dirname, 'sql', file), 'utf8');
const TAKE_LEAD = sql('take-lead.sql');
const ADVANCE = sql('advance.sql');
const IS_LEADER = sql('is-leader.sql');

/** Where to: one Kafka cluster and the prefix of the topics in it. */
export interface RelayTarget {
  readonly clusterId: string;
  readonly topicPrefix: string;
}

/** Another relay leads: whatever this one still has in hand is the other's to publish. */
export class RelayFencedError extends Error {
  override readonly name = 'RelayFencedError';
}

/** The checkpoint does not belong to this log. Nothing is published until somebody decides; the message says how. */
export class RelayCheckpointError extends Error {
  override readonly name = 'RelayCheckpointError';
  constructor(problem: string, { clusterId, topicPrefix }: RelayTarget) {
    super(
      `The relay has stopped: ${problem} If DATABASE_URL or EVENTSTORE_URL names the wrong one, correct it. ` +
        'If this log has taken the place of the other for good, give the relay topics of its own by another ' +
        'KAFKA_TOPIC_PREFIX, or forget the checkpoint, after which this log is published from its start: ' +
        `delete from messaging.relays where cluster_id = '${clusterId}' and topic_prefix = '${topicPrefix}'.`,
    );
  }
}

interface Row {
  readonly epoch: string;
  readonly log_id: string;
  readonly position: string;
  readonly recorded_at: Date | null;
}

export interface Advance {
  readonly to: Position;
  /** Of the last event published; undefined when all that was passed is private. */
  readonly recordedAt: number | undefined;
}

/**
 * How far the log was published. Lives on the connection that holds the lock of leadership: where the lock is lost, the
 * checkpoint cannot be moved any more.
 */
export class RelayCheckpoint {
  #position: Position;
  #provenAt = performance.now();

  private constructor(
    private readonly session: LeaderSession,
    private readonly target: RelayTarget,
    private readonly row: Row,
  ) {
    this.#position = BigInt(row.position);
  }

  /**
   * Begins a new epoch, which ends that of every relay before.
   * @throws RelayCheckpointError when the checkpoint is of another log or beyond `head`
   */
  static async take(
    session: LeaderSession,
    target: RelayTarget,
    log: { readonly logId: string; readonly head: Position },
  ): Promise<RelayCheckpoint> {
    const values = [target.clusterId, target.topicPrefix, log.logId];
    const { rows } = await session.query<Row>(TAKE_LEAD, values);
    const row = rows[0]!;
    if (row.log_id !== log.logId) {
      throw new RelayCheckpointError(
        `its checkpoint is of log ${row.log_id}, the event store is log ${log.logId}.`,
        target,
      );
    }
    if (BigInt(row.position) > log.head) {
      throw new RelayCheckpointError(
        `its checkpoint ${row.position} lies beyond the head of log ${log.logId} (${log.head}), which was ` +
          'replaced, truncated or restored from an older backup.',
        target,
      );
    }
    return new RelayCheckpoint(session, target, row);
  }

  get position(): Position {
    return this.#position;
  }

  get epoch(): string {
    return this.row.epoch;
  }

  /** Whether anything was published here before. */
  get isNew(): boolean {
    return this.#position === LOG_START;
  }

  /** Of the last event published, milliseconds since the epoch. */
  get recordedAt(): number | undefined {
    return this.row.recorded_at?.getTime();
  }

  /**
   * Everything at or before `to` was acknowledged.
   * @throws RelayFencedError when another relay has begun an epoch
   */
  async advance({ to, recordedAt }: Advance): Promise<void> {
    const { clusterId, topicPrefix } = this.target;
    const { rowCount } = await this.session.query({
      name: 'relay-advance',
      text: ADVANCE,
      values: [
        clusterId,
        topicPrefix,
        this.row.epoch,
        this.#position.toString(),
        to.toString(),
        recordedAt === undefined ? null : new Date(recordedAt),
      ],
    });
    this.#proven(rowCount);
    this.#position = to;
  }

  /**
   * To be called right before a send. A process that stood still wakes up in the middle of its work: unless Postgres has
   * answered within `ageMaxMs`, it is asked again whether this relay still leads.
   * @throws RelayFencedError, or what the connection failed with
   */
  async proveLead(ageMaxMs: number): Promise<void> {
    if (performance.now() - this.#provenAt < ageMaxMs) return;
    const { clusterId, topicPrefix } = this.target;
    const { rowCount } = await this.session.query(IS_LEADER, [clusterId, topicPrefix, this.row.epoch]);
    this.#proven(rowCount);
  }

  #proven(rowCount: number | null): void {
    if (rowCount !== 1) {
      throw new RelayFencedError(`Another relay has taken over from the one of epoch ${this.row.epoch}.`);
    }
    this.#provenAt = performance.now();
  }
}
