import { beforeEach, describe, expect, it } from 'vitest';
import { connectionIdOf, type SyncMessage } from '#shared/domain/connection.ts';
import type { SyncQueue } from '#shared/use-cases/ports.ts';
import { instanceUrl, noon } from './examples.ts';

export interface QueuePorts {
  readonly queue: SyncQueue;
  /** All messages that arrived, in any order. */
  received(): Promise<unknown[]>;
}

/** What every SyncQueue guarantees. */
export function describeSyncQueue(name: string, makePorts: () => Promise<QueuePorts>): void {
  describe(`the sync queue ${name}`, () => {
    let ports: QueuePorts;
    beforeEach(async () => {
      ports = await makePorts();
    });

    const message = (tenantId: string): SyncMessage => ({
      tenantId,
      connectionId: connectionIdOf(tenantId, instanceUrl),
      trigger: 'resync',
      requestedAt: noon.toISOString(),
      confirmShrink: true,
    });

    it('delivers a message as it was sent', async () => {
      expect(await ports.queue.send([message('acme')])).toEqual([]);
      expect(await ports.received()).toEqual([message('acme')]);
    });

    it.each([0, 10, 11, 43])('delivers %i messages', async (count) => {
      const messages = Array.from({ length: count }, (_, i) => message(`tenant-${i}`));
      expect(await ports.queue.send(messages)).toEqual([]);
      const received = await ports.received();
      expect(received).toHaveLength(count);
      expect(received).toEqual(expect.arrayContaining(messages));
    });
  });
}
