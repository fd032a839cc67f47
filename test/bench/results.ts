/** What a stay in DynamoDB cost, as the client saw it. */
export interface DynamoDbUse {
  readonly requests: number;
  readonly itemsWritten: number;
  /** As the emulator counts them: by DynamoDB's rules, but without the writes to the index. */
  readonly writeUnits: number;
  readonly readUnits: number;
  /** Wall time during which at least one request was under way. */
  readonly waitingMs: number;
}

export type Phase = 'first' | 'unchanged' | 'changed';

/** One sync in a process of its own. Times in ms of wall time unless named otherwise. */
export interface SyncResult {
  readonly users: number;
  readonly phase: Phase;
  readonly usersChanged: number;
  readonly wallMs: number;
  readonly cpuMs: number;
  /** Another process that only downloads the same pages and parses their JSON. */
  readonly downloadMs: number;
  readonly userPages: number;
  readonly metabaseCalls: number;
  /** As they came over the wire, packed. */
  readonly metabaseBytes: number;
  readonly userRowsWritten: number;
  readonly dynamoDb: DynamoDbUse;
  readonly peakRssBytes: number;
}

export interface DispatchResult {
  readonly connections: number;
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly messages: number;
  readonly queueRequests: number;
  readonly dynamoDb: DynamoDbUse;
  readonly peakRssBytes: number;
}

export interface BundleResult {
  readonly name: string;
  readonly bytes: number;
  /** Importing it in a new process, less what an empty process takes. */
  readonly loadMs: number;
}

export interface BenchResults {
  readonly syncs: readonly SyncResult[];
  /** A tenant as the cost table assumes it; null when syncs were not measured. */
  readonly typicalSyncs: TypicalSyncs | null;
  readonly dispatches: readonly DispatchResult[];
  readonly bundles: readonly BundleResult[];
}

export interface TypicalSyncs {
  /** The median by wall time of several in one process, as a warm function has them. */
  readonly unchanged: SyncResult;
  readonly changed: SyncResult;
}
