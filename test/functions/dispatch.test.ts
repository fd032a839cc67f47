import { beforeEach, describe, expect, it } from 'vitest';
import { startMemorySystem } from '#test/support/memory-system.ts';

let system: Awaited<ReturnType<typeof startMemorySystem>>;

beforeEach(async () => {
  system = await startMemorySystem();
  return () => system[Symbol.asyncDispose]();
});

const queued = () => system.ports.state.messages.splice(0);

describe('a tick of the schedule', () => {
  it('queues nothing while nothing is due', async () => {
    await system.connect();
    await system.sync();
    await system.dispatch();
    expect(queued()).toEqual([]);
    expect(system.telemetry.counts).toMatchObject({ ConnectionsDispatched: 0 });
  });

  it('queues every connection once an hour, whatever the minute', async () => {
    const ids = [await system.connect({ tenant: 'acme' }), await system.connect({ tenant: 'other' })];
    await system.sync();
    const seen: string[] = [];
    for (let minute = 0; minute < 120; minute++) {
      system.clock.advance(1);
      await system.dispatch();
      seen.push(...queued().map(({ connectionId }) => connectionId));
    }
    expect(seen.sort()).toEqual([...ids, ...ids].sort());
    expect(system.telemetry.counts).toMatchObject({ ConnectionsDispatched: 4, ConnectionsUnsent: 0 });
  });

  it('leaves due what the queue did not take, so that the next tick tries again', async () => {
    await system.connect();
    await system.sync();
    const { send } = system.ports.queue;
    system.ports.queue.send = async (messages) => [...messages];
    system.clock.advance(61);
    await system.dispatch();
    expect(system.telemetry.counts).toMatchObject({ ConnectionsDispatched: 0, ConnectionsUnsent: 1 });
    system.ports.queue.send = send;
    await system.dispatch();
    expect(queued()).toHaveLength(1);
  });

  it('queues no connection that is disconnected', async () => {
    const connectionId = await system.connect();
    queued();
    await system.ports.connections.disconnect({ tenantId: 'acme', connectionId }, system.clock.now());
    system.clock.advance(24 * 60);
    await system.dispatch();
    expect(queued()).toEqual([]);
  });

  it('does the first sync even when the message of connecting was lost', async () => {
    await system.connect();
    queued();
    system.clock.advance(5);
    await system.dispatch();
    expect(queued()).toMatchObject([{ trigger: 'schedule' }]);
  });
});
