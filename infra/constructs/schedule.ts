import { Duration, Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Schedule, ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets';
import { Construct } from 'constructs';

/**
 * The tick. It has no dead-letter queue: a lost tick is repaired by the next one, and an alarm watches that they come.
 */
export class DispatchSchedule extends Construct {
  constructor(scope: Construct, id: string, dispatch: IFunction) {
    super(scope, id);
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    });
    role.addToPolicy(
      new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [dispatch.functionArn] }),
    );
    const schedule = new Schedule(this, 'Tick', {
      description: 'Finds the connections whose sync is due',
      schedule: ScheduleExpression.rate(Duration.minutes(1)),
      target: new LambdaInvoke(dispatch, {
        // CDK would add a right on every version and alias.
        role: role.withoutPolicyUpdates(),
        retryAttempts: 2,
        maxEventAge: Duration.minutes(5),
      }),
    });
    schedule.node.addDependency(role);
  }
}
