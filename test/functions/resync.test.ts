import { beforeEach, describe, expect, it } from 'vitest';
import { startMemorySystem } from '#test/support/memory-system.ts';

let system: Awaited<ReturnType<typeof startMemorySystem>>;
let connectionId: string;

beforeEach(async () => {
  system = await startMemorySystem();
  connectionId = await system.connect();
  await system.sync();
  return () => system[Symbol.asyncDispose]();
});

const asked = { tenantId: 'acme', requestedBy: 'kim', reason: 'ticket 42' };

describe('a resync', () => {
  it('records who asked and why, syncs at once, and says the outcome in words', async () => {
    expect(await system.resync({ ...asked, wait: true })).toEqual({
      results: [
        {
          connectionId,
          outcome: 'published',
          message: expect.stringMatching(
            /^Snapshot 2 is published: 12 accounts, \d+ seats in use, 0 user rows written/,
          ),
        },
      ],
    });
    expect(system.ports.state.resyncs).toMatchObject([
      { tenantId: 'acme', connectionId, requestedBy: 'kim', reason: 'ticket 42' },
    ]);
  });

  it('is queued when nobody waits', async () => {
    expect(await system.resync(asked)).toMatchObject({ results: [{ outcome: 'queued' }] });
    expect(system.ports.state.messages).toMatchObject([{ trigger: 'resync', connectionId }]);
  });

  it('says in words why it failed', async () => {
    system.metabase.revokeKey(system.metabase.adminKey);
    const answer = await system.resync({ ...asked, wait: true });
    expect(answer).toMatchObject({
      results: [
        { outcome: 'needs_attention', message: expect.stringContaining('Metabase rejected the API key') },
      ],
    });
    expect(JSON.stringify(answer)).not.toContain(system.metabase.adminKey);
  });

  it('says that a sync is running and changes nothing', async () => {
    await system.ports.leases.acquire({ tenantId: 'acme', connectionId }, system.clock.now(), 360_000);
    for (const wait of [true, false]) {
      expect(await system.resync({ ...asked, wait })).toMatchObject({ results: [{ outcome: 'lease_held' }] });
    }
    expect(system.ports.state.messages).toEqual([]);
  });

  it('confirms a shrink that was held back', async () => {
    system.metabase.faults.dropUsers = 0.5;
    expect(await system.resync({ ...asked, wait: true })).toMatchObject({
      results: [{ outcome: 'held_back' }],
    });
    const confirmed = await system.resync({ ...asked, connectionId, wait: true, confirmShrink: true });
    expect(confirmed).toMatchObject({ results: [{ outcome: 'published' }] });
    expect(await system.connection(connectionId)).toMatchObject({ status: 'active' });
  });

  it('has nothing to do for an instance that the tenant disconnected', async () => {
    await system.ports.connections.disconnect({ tenantId: 'acme', connectionId }, system.clock.now());
    expect(await system.resync(asked)).toMatchObject({ results: [{ outcome: 'disconnected' }] });
  });

  it.each([
    ['a tenant that is not there', { ...asked, tenantId: 'nobody' }, 'not_found'],
    ['a connection that is not there', { ...asked, connectionId: '0'.repeat(20) }, 'not_found'],
    ['no reason', { ...asked, reason: ' ' }, 'malformed_request'],
    ['a confirmation without a connection', { ...asked, confirmShrink: true }, 'malformed_request'],
    ['nonsense', 'nonsense', 'malformed_request'],
  ])('answers %s with an error in words', async (_case, event, code) => {
    const answer = await system.resync(event);
    expect(answer).toMatchObject({ error: { code } });
  });
});
