import { type Acknowledgment, ArnFormat, Aws, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';

/** Where the API keys are: secrets named `<prefix>/<tenantId>/<connectionId>`, made by `connect`, under one key. */
export class Secrets extends Construct {
  readonly key: Key;
  /** For whoever is given `reading` or `keeping`. */
  readonly acceptedFinding: Acknowledgment;
  readonly #secretArns: string;
  readonly #viaSecretsManager = `secretsmanager.${Aws.REGION}.amazonaws.com`;

  constructor(scope: Construct, id: string, prefix: string) {
    super(scope, id);
    this.key = new Key(this, 'Key', {
      description: 'Encrypts the Metabase API keys of all tenants in Secrets Manager',
      enableKeyRotation: true,
      // Without the key every tenant would have to connect again.
      removalPolicy: RemovalPolicy.RETAIN,
    });
    // Nobody, administrators included, decrypts with this key past Secrets Manager and its audit trail.
    this.key.addToResourcePolicy(
      new PolicyStatement({
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: ['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey*', 'kms:ReEncrypt*'],
        resources: ['*'],
        conditions: { StringNotEquals: { 'kms:ViaService': this.#viaSecretsManager } },
      }),
    );
    this.acceptedFinding = {
      id: `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:secretsmanager:<AWS::Region>:<AWS::AccountId>:secret:${prefix}/*]`,
      reason:
        'Secrets come and go with the connections of tenants, so their names are not known here; the prefix is ours alone.',
    };
    this.#secretArns = Stack.of(this).formatArn({
      service: 'secretsmanager',
      resource: 'secret',
      resourceName: `${prefix}/*`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
  }

  /** Rights to read the key of any connection: which one is known only when a message arrives. */
  reading(): PolicyStatement[] {
    return [this.#onSecrets('GetSecretValue'), this.#onKey('Decrypt')];
  }

  /** Rights to keep, replace, delete and, within the recovery window, restore. */
  keeping(): PolicyStatement[] {
    return [
      this.#onSecrets(
        'CreateSecret',
        'GetSecretValue',
        'PutSecretValue',
        'DeleteSecret',
        'RestoreSecret',
        'TagResource',
      ),
      this.#onKey('Decrypt', 'GenerateDataKey'),
    ];
  }

  #onSecrets(...actions: string[]): PolicyStatement {
    return new PolicyStatement({
      actions: actions.map((action) => `secretsmanager:${action}`),
      resources: [this.#secretArns],
    });
  }

  #onKey(...actions: string[]): PolicyStatement {
    return new PolicyStatement({
      actions: actions.map((action) => `kms:${action}`),
      resources: [this.key.keyArn],
      conditions: { StringEquals: { 'kms:ViaService': this.#viaSecretsManager } },
    });
  }
}
