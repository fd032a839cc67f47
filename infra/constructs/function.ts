import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { type PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  ApplicationLogLevel,
  Architecture,
  type Code,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { FunctionName } from '../bundle.ts';
import type { Config } from '../config.ts';

export type CodeOf = (name: FunctionName) => Code;

export interface AppFunctionProps {
  readonly name: FunctionName;
  readonly description: string;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  /** How often Lambda itself repeats an asynchronous invocation that failed; 2 where not said. */
  readonly asyncRetries?: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly rights: readonly PolicyStatement[];
  readonly config: Config;
  readonly codeOf: CodeOf;
}

/** A function of `functions/` with a role and a log group of its own. */
export class AppFunction extends Construct {
  readonly lambda: LambdaFunction;

  constructor(scope: Construct, id: string, props: AppFunctionProps) {
    super(scope, id);
    const { config } = props;
    const logGroup = new LogGroup(this, 'Logs', {
      retention: config.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    // Written by hand, because the role that CDK makes comes with rights on all log groups of the account.
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(role);
    for (const statement of props.rights) role.addToPolicy(statement);

    this.lambda = new LambdaFunction(this, 'Function', {
      description: props.description,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      code: props.codeOf(props.name),
      handler: 'index.handler',
      memorySize: props.memoryMb,
      timeout: Duration.seconds(props.timeoutSeconds),
      ...(props.asyncRetries === undefined ? {} : { retryAttempts: props.asyncRetries }),
      role,
      logGroup,
      loggingFormat: LoggingFormat.JSON,
      // Metrics leave as log lines without a level, which Lambda takes for INFO and would drop at WARN. The logger
      // itself obeys LOG_LEVEL.
      applicationLogLevelV2:
        config.logLevel === 'DEBUG' ? ApplicationLogLevel.DEBUG : ApplicationLogLevel.INFO,
      environment: {
        ...props.environment,
        POWERTOOLS_SERVICE_NAME: config.stackName,
        POWERTOOLS_METRICS_NAMESPACE: 'MetabaseSync',
        LOG_LEVEL: config.logLevel,
      },
    });
  }
}
