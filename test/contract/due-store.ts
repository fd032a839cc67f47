import { beforeEach, describe, expect, it } from 'vitest';
import { connectionIdOf } from '#shared/domain/connection.ts';
import { dueShardOf, dueShards } from '#shared/domain/schedule.ts';
import type { StoragePorts } from '#test/support/ports.ts';
import { connectInput, key, minutesAfter, noon } from './examples.ts';
import { collect } from './sync.ts';

/** What every DueStore guarantees; `makePorts` gives one with pages of two. */
export function describeDueStore(name: string, makePorts: () => Promise<StoragePorts>): void {
  describe(`the due store ${name}`, () => {
    let ports: StoragePorts;
    beforeEach(async () => {
      ports = await makePorts();
    });

    const connect = (tenantId: string, nextSyncAt: Date) =>
      ports.connections.connect(
        connectInput({ tenantId, connectionId: connectionIdOf(tenantId, 'https://x'), nextSyncAt }),
      );

    it('finds those whose time has come, to the millisecond', async () => {
      await connect('before', new Date(noon.getTime() - 1));
      await connect('now', noon);
      await connect('after', new Date(noon.getTime() + 1));
      const due = (await collect(ports.due.due(noon))).flat();
      expect(due.map(({ tenantId }) => tenantId).sort()).toEqual(['before', 'now']);
      expect(due).toContainEqual({
        tenantId: 'now',
        connectionId: connectionIdOf('now', 'https://x'),
        nextSyncAt: noon.toISOString(),
      });
    });

    it('finds every one of many, over all shards and pages, the longest waiting first in each shard', async () => {
      const count = 40;
      for (let i = 0; i < count; i++) await connect(`tenant-${i}`, minutesAfter(noon, -((i * 7) % count)));
      const pages = await collect(ports.due.due(noon));
      expect(pages.every((page) => page.length <= 2)).toBe(true);
      expect(new Set(pages.flat().map(({ tenantId }) => tenantId)).size).toBe(count);
      for (let shard = 0; shard < dueShards; shard++) {
        const waiting = pages.flat().filter(({ connectionId }) => dueShardOf(connectionId) === shard);
        expect(waiting.length).toBeGreaterThan(2);
        expect(waiting).toEqual(waiting.toSorted((a, b) => (a.nextSyncAt < b.nextSyncAt ? -1 : 1)));
      }
    });

    it('gives nothing when nothing is due, and may be left early', async () => {
      expect(await collect(ports.due.due(noon))).toEqual([]);
      for (let i = 0; i < 12; i++) await connect(`tenant-${i}`, noon);
      for await (const page of ports.due.due(noon)) {
        expect(page.length).toBeGreaterThan(0);
        break;
      }
    });

    it('moves a connection on, once for all who saw the same time', async () => {
      await ports.connections.connect(connectInput({ nextSyncAt: noon }));
      const seen = { ...key, nextSyncAt: noon.toISOString() };
      const hourLater = minutesAfter(noon, 60);
      expect(await ports.due.reschedule(seen, hourLater)).toBe(true);
      expect(await ports.due.reschedule(seen, minutesAfter(noon, 61))).toBe(false);
      expect((await ports.connections.get(key)).nextSyncAt).toBe(hourLater.toISOString());
      expect(await collect(ports.due.due(noon))).toEqual([]);
      expect((await collect(ports.due.due(hourLater))).flat()).toEqual([
        { ...key, nextSyncAt: hourLater.toISOString() },
      ]);
    });

    it('does not bring back a connection that was disconnected meanwhile', async () => {
      await ports.connections.connect(connectInput({ nextSyncAt: noon }));
      await ports.connections.disconnect(key, noon);
      const seen = { ...key, nextSyncAt: noon.toISOString() };
      expect(await ports.due.reschedule(seen, minutesAfter(noon, 60))).toBe(false);
      expect((await ports.connections.get(key)).nextSyncAt).toBeNull();
    });
  });
}
