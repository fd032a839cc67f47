import { ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';

/** Attach it to the role of support staff: they may ask for a resync, and nothing else of this stack. */
export class ResyncPolicy extends Construct {
  readonly policy: ManagedPolicy;

  constructor(scope: Construct, id: string, resync: IFunction) {
    super(scope, id);
    this.policy = new ManagedPolicy(this, 'Policy', {
      description: 'Lets support staff sync a tenant of metabase-sync by hand',
      statements: [
        new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [resync.functionArn] }),
      ],
    });
  }
}
