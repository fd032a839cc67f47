import { createMetabase } from '#shared/metabase/metabase.ts';
import type { SnapshotWriter } from '#shared/use-cases/ports.ts';
import { type SampleOptions, startSampleMetabase } from '#test/metabase/server.ts';
import { createConnectHandler } from '../../functions/connect/handler.ts';
import { createDispatchHandler } from '../../functions/dispatch/handler.ts';
import { createReadHandler } from '../../functions/read/handler.ts';
import { createResyncHandler } from '../../functions/resync/handler.ts';
import { createSyncHandler } from '../../functions/sync/handler.ts';
import { httpEvent, lambdaContext, sqsEvent } from './lambda-events.ts';
import { createMemoryPorts } from './memory/ports.ts';
import { recordTelemetry } from './telemetry-recorder.ts';

const intervalMs = 3_600_000;
const settings = { intervalMs, leaseMs: 360_000, prices: {} };

/** A clock that stands still until a test moves it. */
function createManualClock(start = '2026-10-01T12:00:00.000Z') {
  let now = new Date(start);
  return {
    now: () => now,
    advance(minutes: number) {
      now = new Date(now.getTime() + minutes * 60_000);
    },
  };
}

/** All five handlers on in-memory ports, beside a sample Metabase on loopback. Nothing waits, nothing is random. */
export async function startMemorySystem(sample: Partial<SampleOptions> = {}) {
  const metabase = await startSampleMetabase({ users: 12, ...sample });
  const ports = createMemoryPorts();
  const clock = createManualClock();
  const telemetry = recordTelemetry();
  const client = createMetabase({
    addressPolicy: 'private',
    sleep: async () => {},
    random: () => 0.5,
    clock,
  });
  /** Wrapped by tests that break a write. */
  const snapshots: { writer: SnapshotWriter } = { writer: ports.snapshots };

  const writer = () => ({
    ...ports,
    snapshots: snapshots.writer,
    metabase: client,
    clock,
    telemetry,
    settings,
  });
  const http = { ...ports, metabase: client, clock, telemetry, tenantClaim: 'tenant_id' };
  const connect = createConnectHandler({ ...http, manualSyncMinMs: 60_000 });
  const read = createReadHandler(http);
  const dispatch = createDispatchHandler({ ...http, intervalMs });

  return {
    metabase,
    ports,
    clock,
    telemetry,
    snapshots,

    /** For example `request('GET /v1/connections/{connectionId}', '/v1/connections/ab12')`. */
    async request(routeKey: string, path: string, parts: Parameters<typeof httpEvent>[2] = {}) {
      const handler = routeKey.startsWith('GET') ? read : connect;
      const { statusCode, headers, body } = await handler(
        httpEvent(routeKey, path, parts),
        lambdaContext(29_000),
      );
      return { status: statusCode, headers, body: body ? JSON.parse(body) : undefined };
    },

    /** Connects the sample's administrators' key and gives the connection's id. */
    async connect(parts: { tenant?: string; apiKey?: string } = {}): Promise<string> {
      const { apiKey = metabase.adminKey, ...rest } = parts;
      const body = { instanceUrl: metabase.url, apiKey };
      const answer = await this.request('POST /v1/connections', '/v1/connections', { ...rest, body });
      return answer.body.connectionId;
    },

    /** Handles the messages on the queue; those that must come again are put back. */
    async sync() {
      const messages = ports.state.messages.splice(0);
      const event = sqsEvent(...messages);
      const { batchItemFailures } = await createSyncHandler(writer())(event, lambdaContext());
      const failed = batchItemFailures.map(({ itemIdentifier }) => Number(itemIdentifier.split('-').at(-1)));
      ports.state.messages.push(...failed.flatMap((i) => messages[i] ?? []));
      return { handled: messages.length, returned: failed.length };
    },

    async dispatch() {
      await dispatch({}, lambdaContext(60_000));
    },

    async resync(event: unknown) {
      const deps = { ...writer(), log: ports.resyncLog };
      return createResyncHandler(deps)(event, lambdaContext());
    },

    async connection(connectionId: string, tenant = 'acme') {
      const path = `/v1/connections/${connectionId}`;
      return (await this.request('GET /v1/connections/{connectionId}', path, { tenant })).body;
    },

    [Symbol.asyncDispose]: () => metabase.close(),
  };
}
