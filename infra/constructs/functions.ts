import { Validations } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { Config } from '../config.ts';
import { httpTimeoutSeconds, leaseSeconds, syncTimeoutSeconds } from '../limits.ts';
import { AppFunction, type CodeOf } from './function.ts';
import type { Secrets } from './secrets.ts';
import type { Storage } from './storage.ts';
import type { SyncQueue } from './sync-queue.ts';

export interface FunctionsProps {
  readonly config: Config;
  readonly codeOf: CodeOf;
  readonly storage: Storage;
  readonly secrets: Secrets;
  readonly syncQueue: SyncQueue;
}

/** All functions side by side: what each is told, and what each may do. */
export class Functions extends Construct {
  readonly connect: AppFunction;
  readonly read: AppFunction;
  readonly dispatch: AppFunction;
  readonly sync: AppFunction;
  readonly resync: AppFunction;

  constructor(scope: Construct, id: string, { config, codeOf, storage, secrets, syncQueue }: FunctionsProps) {
    super(scope, id);

    const connectionsTable = { CONNECTIONS_TABLE: storage.connections.tableName };
    const tables = { ...connectionsTable, SNAPSHOTS_TABLE: storage.snapshots.tableName };
    const queue = { SYNC_QUEUE_URL: syncQueue.queue.queueUrl };
    const interval = { SYNC_INTERVAL_MINUTES: String(config.syncIntervalMinutes) };
    const tenant = { TENANT_CLAIM: config.tenantClaim };
    const outbound = {
      SECRET_PREFIX: config.secretPrefix,
      ALLOW_PRIVATE_NETWORK: String(config.allowPrivateNetwork),
    };
    const syncing = {
      ...tables,
      ...interval,
      ...outbound,
      LEASE_SECONDS: String(leaseSeconds),
      USER_PAGE_SIZE: String(config.userPageSize),
      PLAN_PRICES: JSON.stringify(config.planPrices),
    };
    const syncRights = [
      storage.onConnections('GetItem', 'UpdateItem'),
      storage.onSnapshots('Query', 'PutItem', 'BatchWriteItem'),
      ...secrets.reading(),
    ];

    this.connect = new AppFunction(this, 'Connect', {
      name: 'connect',
      description: 'HTTP: connects an instance, replaces its key, asks for a sync, disconnects',
      memoryMb: 512,
      timeoutSeconds: httpTimeoutSeconds,
      environment: {
        ...tables,
        ...queue,
        ...tenant,
        ...interval,
        ...outbound,
        SECRET_KMS_KEY_ID: secrets.key.keyId,
        MANUAL_SYNC_MIN_SECONDS: String(config.manualSyncMinSeconds),
      },
      rights: [
        storage.onConnections('GetItem', 'UpdateItem'),
        storage.onSnapshots('Query', 'BatchWriteItem'),
        ...secrets.keeping(),
        syncQueue.sending(),
      ],
      config,
      codeOf,
    });

    this.read = new AppFunction(this, 'Read', {
      name: 'read',
      description: 'HTTP: shows connections and the last published users and licenses',
      memoryMb: 512,
      timeoutSeconds: httpTimeoutSeconds,
      environment: { ...tables, ...tenant },
      rights: [storage.onConnections('GetItem', 'Query'), storage.onSnapshots('GetItem', 'Query')],
      config,
      codeOf,
    });

    this.dispatch = new AppFunction(this, 'Dispatch', {
      name: 'dispatch',
      description: 'Every minute: puts the connections that are due onto the queue',
      memoryMb: 512,
      timeoutSeconds: 60,
      // The next tick is a better repeat: it sees what this one has already done.
      asyncRetries: 0,
      environment: { ...connectionsTable, ...queue, ...interval },
      rights: [storage.onDueIndex('Query'), storage.onConnections('UpdateItem'), syncQueue.sending()],
      config,
      codeOf,
    });

    this.sync = new AppFunction(this, 'Sync', {
      name: 'sync',
      description: 'Syncs the users and the license of one connection',
      memoryMb: 1_024,
      timeoutSeconds: syncTimeoutSeconds,
      environment: syncing,
      rights: syncRights,
      config,
      codeOf,
    });
    syncQueue.feed(this.sync.lambda, config.syncConcurrency);

    this.resync = new AppFunction(this, 'Resync', {
      name: 'resync',
      description: 'For support staff: syncs one tenant now and says what came of it',
      memoryMb: 1_024,
      timeoutSeconds: syncTimeoutSeconds,
      // A person asked and waits or asks again; a late repeat would surprise.
      asyncRetries: 0,
      environment: { ...syncing, ...queue },
      rights: [...syncRights, storage.onConnections('Query'), syncQueue.sending()],
      config,
      codeOf,
    });

    for (const reader of [this.connect, this.sync, this.resync]) {
      Validations.of(reader).acknowledge(secrets.acceptedFinding);
    }
  }
}
