import { createMemoryDue } from '#test/support/memory/due.ts';
import { createMemoryPorts } from '#test/support/memory/ports.ts';
import { textKey } from '#test/support/memory/state.ts';
import { describeConnectionStore } from './connection-store.ts';
import { describeCredentialStore } from './credential-store.ts';
import { describeDueStore } from './due-store.ts';
import { describeFencing } from './fencing.ts';
import { describeLeaseStore } from './lease-store.ts';
import { describeSnapshotPurger } from './snapshot-purger.ts';
import { describeSnapshotReader } from './snapshot-reader.ts';
import { describeSnapshotWriter } from './snapshot-writer.ts';
import { describeSyncQueue } from './sync-queue.ts';

const where = 'in memory';
const makePorts = async () => createMemoryPorts();

describeConnectionStore(where, makePorts);
describeLeaseStore(where, makePorts);
describeSnapshotWriter(where, makePorts);
describeSnapshotReader(where, makePorts);
describeSnapshotPurger(where, makePorts);
describeFencing(where, makePorts);

describeDueStore(where, async () => {
  const ports = createMemoryPorts();
  return { ...ports, due: createMemoryDue(ports.state, 2) };
});

describeCredentialStore(where, async () => {
  const { credentials, state } = createMemoryPorts();
  return { credentials, lastWrite: async (key) => state.secrets.get(textKey(key))?.writes };
});

describeSyncQueue(where, async () => {
  const { queue, state } = createMemoryPorts();
  return { queue, received: async () => state.messages };
});
