import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Stack } from 'aws-cdk-lib';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createApp } from '../../infra/app.ts';
import { ConfigError } from '../../infra/config.ts';
import { synthesize } from './synthesize.ts';

test('a broken rule of cdk-nag makes synth fail and says which and where', () => {
  const outdir = mkdtempSync(join(tmpdir(), 'broken-'));
  onTestFinished(() => rmSync(outdir, { recursive: true }));
  const app = createApp({ outdir, bundle: false });
  new Queue(app.node.findChild('metabase-sync') as Stack, 'Careless');
  expect(() => app.synth()).toThrow(/AwsSolutions-SQS4[\s\S]*Careless|Careless[\s\S]*AwsSolutions-SQS4/);
});

test('the rules are kept under every setting that changes what is made', () => {
  const own = { jwtIssuer: 'https://login.example.com/', jwtAudience: 'metabase-sync' };
  expect(() =>
    synthesize({
      ...own,
      alarmEmail: 'oncall@example.com',
      secretPrefix: 'team/metabase',
      stackName: 'other',
    }),
  ).not.toThrow();
});

test('a stack that may call private addresses says so, another does not', () => {
  vi.spyOn(console, 'error').mockImplementation(() => {});
  onTestFinished(() => {
    vi.restoreAllMocks();
  });
  expect(synthesize({ allowPrivateNetwork: 'true' }).warnings).toEqual([
    expect.stringContaining('allowPrivateNetwork is true'),
  ]);
  expect(synthesize().warnings).toEqual([]);
});

test('wrong settings end before anything is made', () => {
  expect(() => createApp({ bundle: false, context: { syncIntervalMinutes: 'hourly' } })).toThrow(ConfigError);
});
