import { Command, Option } from 'commander';
import { plans } from './plans.ts';
import { type SampleOptions, startSampleMetabase } from './server.ts';
import { metabaseVersions } from './versions.ts';

type Flags = Omit<SampleOptions, 'port' | 'users' | 'seed'> & { port: string; users: string; seed: string };

const flags = new Command('sample-metabase')
  .description('A Metabase that exists only on this machine and forgets everything when it ends.')
  .option('--port <number>', '0 takes any free one', '3900')
  .addOption(new Option('--version <release>').choices(metabaseVersions).default('0.63'))
  .option('--users <number>', 'personal accounts', '25')
  .addOption(new Option('--plan <plan>').choices(plans).default('pro-cloud'))
  .option('--sub-path <path>', 'serve below this path only, such as /metabase', '')
  .option('--seed <number>', 'another number, another company', '1')
  .parse()
  .opts<Flags>();

const sample = await startSampleMetabase({
  ...flags,
  port: Number(flags.port),
  users: Number(flags.users),
  seed: Number(flags.seed),
});

console.log(`Metabase ${flags.version} (${flags.plan}, ${flags.users} people) at ${sample.url}`);
console.log(`  key of Administrators   ${sample.adminKey}`);
console.log(`  key of All Users        ${sample.memberKey}`);
if (sample.analystKey) console.log(`  key of Data Analysts    ${sample.analystKey}`);
console.log(
  `\ncurl -s -H 'x-api-key: ${sample.adminKey}' '${sample.url}/api/user?status=all&tenancy=all&limit=2'`,
);

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => sample.close());
