import { afterEach, describe, expect, it, vi } from 'vitest';
import { createTelemetry } from '#shared/lambda/telemetry.ts';

const key = 'mb_c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2U=';

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

/** Powertools writes to its own console, which passes everything to the streams of the process. */
function captureOutput(): () => string {
  const written: string[] = [];
  const keep = (chunk: string | Uint8Array) => {
    written.push(String(chunk));
    return true;
  };
  vi.spyOn(process.stdout, 'write').mockImplementation(keep);
  vi.spyOn(process.stderr, 'write').mockImplementation(keep);
  return () => written.join('');
}

describe('telemetry', () => {
  it('never writes a key, wherever it stands', () => {
    const output = captureOutput();
    const telemetry = createTelemetry();
    telemetry.info(`message ${key}`, { field: key, nested: { list: [`x ${key}`] } });
    telemetry.error('broke', new Error(`error ${key}`, { cause: new Error(`cause ${key}`) }), { key });
    const text = output();
    expect(text).toContain('message mb_[redacted]');
    expect(text).toContain('broke');
    expect(text).not.toContain(key.slice(3, 20));
  });

  it('publishes metrics with the service as the only dimension', () => {
    const output = captureOutput();
    vi.stubEnv('POWERTOOLS_METRICS_NAMESPACE', 'MetabaseSync');
    vi.stubEnv('POWERTOOLS_SERVICE_NAME', 'sync');
    const telemetry = createTelemetry();
    telemetry.count('SyncPublished', 1);
    telemetry.count('DispatchLagSeconds', 12);
    telemetry.flush();
    const line = JSON.parse(output());
    expect(line).toMatchObject({ service: 'sync', SyncPublished: 1, DispatchLagSeconds: 12 });
    const [directive] = line._aws.CloudWatchMetrics;
    expect(directive.Dimensions).toEqual([['service']]);
    expect(directive.Metrics).toContainEqual({ Name: 'DispatchLagSeconds', Unit: 'Seconds' });
  });
});
