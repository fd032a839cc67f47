import { connectionsTable, startCloud } from './cloud.ts';
import { assumptions } from './cost.ts';
import type { DispatchAnswer, DispatchInput } from './dispatch-worker.ts';
import { lambdaHeapFlags, runWorker } from './processes.ts';
import type { DispatchResult } from './results.ts';
import type { WorkerFiles } from './worker-files.ts';

/** All connections are due at once, which the hash keeps from happening in an hour that is not a catch-up. */
export async function measureDispatch(connections: number, files: WorkerFiles): Promise<DispatchResult> {
  await using cloud = await startCloud();
  await cloud.seedDueConnections(connections);
  const input: DispatchInput = { connectionsTable, queueUrl: cloud.queueUrl };
  const { dispatched, ...measured } = await runWorker<DispatchAnswer>(files.dispatch, input, {
    env: cloud.env,
    flags: lambdaHeapFlags(assumptions.dispatchMemoryMb),
  });
  if (dispatched !== connections || measured.messages !== connections) {
    throw new Error(
      `${connections} connections were due; ${dispatched} were dispatched, ${measured.messages} sent`,
    );
  }
  return { connections, ...measured };
}
