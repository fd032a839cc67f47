import type { SyncMessage } from '#shared/domain/connection.ts';
import type { ResyncLog, SyncQueue } from '#shared/use-cases/ports.ts';
import { createMemoryConnections } from './connections.ts';
import { createMemoryCredentials } from './credentials.ts';
import { createMemoryDue } from './due.ts';
import { createMemoryLeases } from './leases.ts';
import { createMemorySnapshots } from './snapshots.ts';
import { createMemoryState, type MemoryState } from './state.ts';

/** Real implementations of all storage ports on one shared state; they pass the same contracts as those on AWS. */
export function createMemoryPorts(state: MemoryState = createMemoryState()) {
  return {
    state,
    connections: createMemoryConnections(state),
    leases: createMemoryLeases(state),
    due: createMemoryDue(state),
    snapshots: createMemorySnapshots(state),
    credentials: createMemoryCredentials(state),
    queue: createMemoryQueue(state),
    resyncLog: createMemoryResyncLog(state),
  };
}

function createMemoryQueue({ messages }: MemoryState): SyncQueue {
  return {
    async send(sent: readonly SyncMessage[]) {
      messages.push(...structuredClone(sent));
      return [];
    },
  };
}

function createMemoryResyncLog({ resyncs }: MemoryState): ResyncLog {
  return {
    async record(entry) {
      resyncs.push(structuredClone(entry));
    },
  };
}
