import { join } from 'node:path';
import { App, Validations } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import featureFlags from 'aws-cdk-lib/recommended-feature-flags.json' with { type: 'json' };
import { AwsSolutionsChecks } from 'cdk-nag';
import { bundleFunction } from './bundle.ts';
import { ConfigError, parseConfig } from './config.ts';
import { MetabaseSyncStack } from './stack.ts';

export interface AppOptions {
  /** Where the cloud assembly goes; the CDK command line decides where not said. */
  readonly outdir?: string;
  /** As `-c` would give it; what the CDK command line was given wins. */
  readonly context?: Readonly<Record<string, unknown>>;
  /** False puts a placeholder in place of the code, for whoever only looks at the template. */
  readonly bundle?: boolean;
  /** Also checks the template against the resource schemas of AWS, as the command line does; takes eight seconds. */
  readonly checkSchemas?: boolean;
}

/**
 * The app with its one stack. `synth()` fails when a rule of cdk-nag is broken and not accepted with a reason.
 *
 * @throws ConfigError
 */
export function createApp({
  outdir,
  context = {},
  bundle = true,
  checkSchemas = false,
}: AppOptions = {}): App {
  const app = new App({
    ...(outdir === undefined ? {} : { outdir }),
    // No metadata resource: it reports to AWS what the stack is made of.
    analyticsReporting: false,
    builtinCloudFormationValidation: checkSchemas,
    // Here and not in cdk.json, so that every way to synthesize gives the same template.
    context: { ...featureFlags, 'aws:cdk:enable-asset-metadata': true, ...context },
  });
  const config = parseConfig(app.node.getAllContext());
  new MetabaseSyncStack(app, config, (name) =>
    bundle
      ? Code.fromAsset(bundleFunction(name, join(app.outdir, 'bundles')).directory)
      : Code.fromInline('exports.handler = async () => {};'),
  );
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app, { verbose: true }));
  return app;
}

if (import.meta.main) {
  try {
    createApp({ checkSchemas: true }).synth();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
