import { describe, expect, test } from 'vitest';
import { createResolver, type Template } from '../../../infra/local/template.ts';

const template: Template = {
  Parameters: { Stage: { Default: 'local' } },
  Resources: {
    Table: { Type: 'AWS::DynamoDB::Table' },
    Queue: { Type: 'AWS::SQS::Queue' },
    Key: { Type: 'AWS::KMS::Key' },
    Worker: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        Environment: { Variables: { TABLE: { Ref: 'Table' }, QUEUE: { Ref: 'Queue' }, KEY: { Ref: 'Key' } } },
        Optional: { Ref: 'AWS::NoValue' },
      },
    },
  },
};

const { resolve, resourcesOf } = createResolver(template, (logicalId, { Type }, attribute) => {
  if (Type === 'AWS::SQS::Queue') return attribute === null ? 'http://queue' : `arn:queue:${attribute}`;
  return Type === 'AWS::DynamoDB::Table' && attribute === null ? `local-${logicalId}` : undefined;
});

describe('the template on a laptop', () => {
  test.each([
    [{ Ref: 'Table' }, 'local-Table'],
    [{ Ref: 'Stage' }, 'local'],
    [{ Ref: 'AWS::Region' }, 'us-east-1'],
    [{ 'Fn::GetAtt': ['Queue', 'Arn'] }, 'arn:queue:Arn'],
    [{ 'Fn::GetAtt': 'Queue.QueueName' }, 'arn:queue:QueueName'],
    [{ 'Fn::Join': ['-', ['a', { Ref: 'Table' }, 'b']] }, 'a-local-Table-b'],
    [{ 'Fn::Select': [1, { 'Fn::Split': ['-', { Ref: 'Table' }] }] }, 'Table'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the syntax of Fn::Sub
    [{ 'Fn::Sub': 'x/${Table}/${Queue.Arn}/${!kept}' }, 'x/local-Table/arn:queue:Arn/${kept}'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the syntax of Fn::Sub
    [{ 'Fn::Sub': ['${a}-${AWS::Region}', { a: { Ref: 'Queue' } }] }, 'http://queue-us-east-1'],
    [{ list: [1, { Ref: 'AWS::NoValue' }, 2], gone: { Ref: 'AWS::NoValue' } }, { list: [1, 2] }],
    [{ Ref: 'Key' }, 'Key'],
  ])('resolves %j', (value, expected) => {
    expect(resolve(value)).toEqual(expected);
  });

  test('gives resources of a type with everything resolved', () => {
    expect(resourcesOf('AWS::Lambda::Function')).toEqual([
      {
        logicalId: 'Worker',
        properties: {
          Environment: { Variables: { TABLE: 'local-Table', QUEUE: 'http://queue', KEY: 'Key' } },
        },
      },
    ]);
  });

  test('refuses what it does not understand instead of guessing', () => {
    expect(() => resolve({ Ref: 'Nowhere' })).toThrow('Nowhere');
    expect(() => resolve({ 'Fn::ImportValue': 'x' })).toThrow('Fn::ImportValue');
  });
});
