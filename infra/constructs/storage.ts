import { RemovalPolicy } from 'aws-cdk-lib';
import {
  AttributeType,
  BillingMode,
  ProjectionType,
  Table,
  TableEncryption,
  type TableProps,
} from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';

const dueIndex = 'due';

/**
 * The AWS-managed key costs nothing to keep and cents to use; unlike the default's, its use is on record in CloudTrail.
 * A key of one's own would be 1 USD a month, and everyone who reads the tables would need rights on it.
 */
const kept: Partial<TableProps> = {
  billingMode: BillingMode.PAY_PER_REQUEST,
  encryption: TableEncryption.AWS_MANAGED,
  pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
  deletionProtection: true,
  removalPolicy: RemovalPolicy.RETAIN,
  timeToLiveAttribute: 'expiresAt',
};

/** The two tables: separate, so that each function gets the rights it needs and no more. docs/data-model.md */
export class Storage extends Construct {
  readonly connections: Table;
  readonly snapshots: Table;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.connections = new Table(this, 'Connections', {
      ...kept,
      partitionKey: { name: 'tenantId', type: AttributeType.STRING },
      sortKey: { name: 'connectionId', type: AttributeType.STRING },
    });
    this.connections.addGlobalSecondaryIndex({
      indexName: dueIndex,
      partitionKey: { name: 'dueShard', type: AttributeType.NUMBER },
      sortKey: { name: 'nextSyncAt', type: AttributeType.STRING },
      projectionType: ProjectionType.KEYS_ONLY,
    });
    this.snapshots = new Table(this, 'Snapshots', {
      ...kept,
      partitionKey: { name: 'connectionKey', type: AttributeType.STRING },
      sortKey: { name: 'item', type: AttributeType.STRING },
    });
  }

  /** Actions without the `dynamodb:` in front, such as `GetItem`. */
  onConnections(...actions: string[]): PolicyStatement {
    return statement(actions, this.connections.tableArn);
  }

  onDueIndex(...actions: string[]): PolicyStatement {
    return statement(actions, `${this.connections.tableArn}/index/${dueIndex}`);
  }

  onSnapshots(...actions: string[]): PolicyStatement {
    return statement(actions, this.snapshots.tableArn);
  }
}

function statement(actions: string[], resource: string): PolicyStatement {
  return new PolicyStatement({
    actions: actions.map((action) => `dynamodb:${action}`),
    resources: [resource],
  });
}
