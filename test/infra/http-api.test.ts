import { expect, test } from 'vitest';
import { functionOf, type Synthesized, synthesize } from './synthesize.ts';

const ownIssuer = { jwtIssuer: 'https://login.example.com/', jwtAudience: 'one,two', tenantClaim: 'org' };
const withPool = synthesize();
const withIssuer = synthesize(ownIssuer);

test('writes go to connect and reads to read', () => {
  expect(routesOf(withPool)).toEqual({
    'POST /v1/connections': 'connect',
    'GET /v1/connections': 'read',
    'GET /v1/connections/{connectionId}': 'read',
    'PUT /v1/connections/{connectionId}/credential': 'connect',
    'POST /v1/connections/{connectionId}/sync': 'connect',
    'DELETE /v1/connections/{connectionId}': 'connect',
    'GET /v1/connections/{connectionId}/users': 'read',
    'GET /v1/connections/{connectionId}/licenses': 'read',
  });
});

test('every route needs a token', () => {
  const { id } = withPool.one('AWS::ApiGatewayV2::Authorizer');
  for (const { properties } of withPool.all('AWS::ApiGatewayV2::Route')) {
    expect(properties).toMatchObject({ AuthorizationType: 'JWT', AuthorizerId: { Ref: id } });
  }
});

test('tokens of the configured issuer are taken, and no user pool is made', () => {
  expect(withIssuer.one('AWS::ApiGatewayV2::Authorizer').properties.JwtConfiguration).toEqual({
    Issuer: 'https://login.example.com/',
    Audience: ['one', 'two'],
  });
  expect(withIssuer.all('AWS::Cognito::UserPool')).toEqual([]);
  expect(withIssuer.outputs).not.toHaveProperty('UserPoolId');
  expect(functionOf(withIssuer, 'read').properties.Environment.Variables.TENANT_CLAIM).toBe('org');
});

test('without an issuer the ID tokens of a user pool are taken', () => {
  const pool = withPool.one('AWS::Cognito::UserPool');
  const client = withPool.one('AWS::Cognito::UserPoolClient');
  expect(withPool.one('AWS::ApiGatewayV2::Authorizer').properties.JwtConfiguration).toEqual({
    Issuer: { 'Fn::GetAtt': [pool.id, 'ProviderURL'] },
    Audience: [{ Ref: client.id }],
  });
  expect(withPool.outputs.UserPoolId.Value).toEqual({ Ref: pool.id });
  expect(withPool.outputs.UserPoolClientId.Value).toEqual({ Ref: client.id });
  expect(JSON.stringify(withPool.outputs.TokenCommand.Value)).toContain('AuthenticationResult.IdToken');
});

test('nobody can choose a tenant for themselves', () => {
  const { properties: pool } = withPool.one('AWS::Cognito::UserPool');
  expect(pool.AdminCreateUserConfig).toEqual({ AllowAdminCreateUserOnly: true });
  expect(pool.Schema).toContainEqual(expect.objectContaining({ Name: 'tenant_id', Mutable: false }));
  const { properties: client } = withPool.one('AWS::Cognito::UserPoolClient');
  expect(client.WriteAttributes).toEqual(['email']);
  // What a client cannot read is missing in its ID tokens.
  expect(client.ReadAttributes).toContain('custom:tenant_id');
});

test('passwords of the user pool are long, and users may add a second factor', () => {
  const { properties, attributes } = withPool.one('AWS::Cognito::UserPool');
  expect(properties.Policies.PasswordPolicy).toMatchObject({
    MinimumLength: 12,
    RequireLowercase: true,
    RequireUppercase: true,
    RequireNumbers: true,
    RequireSymbols: true,
  });
  expect(properties).toMatchObject({ MfaConfiguration: 'OPTIONAL', DeletionProtection: 'ACTIVE' });
  expect(attributes.DeletionPolicy).toBe('Retain');
});

test('the stage is throttled and logs every request, without headers, query or body', () => {
  const { properties } = withPool.one('AWS::ApiGatewayV2::Stage');
  expect(properties.DefaultRouteSettings).toEqual({ ThrottlingRateLimit: 50, ThrottlingBurstLimit: 100 });
  const format = JSON.parse(properties.AccessLogSettings.Format);
  expect(format).toMatchObject({ status: '$context.status', service: 'metabase-sync' });
  expect(Object.values(format).join(' ')).not.toMatch(/header|querystring|body|claims/i);
});

function routesOf(stack: Synthesized): Record<string, string> {
  const targets = new Map(
    (['connect', 'read'] as const).map((name) => [functionOf(stack, name).id, name] as const),
  );
  const integrations = new Map(
    stack
      .all('AWS::ApiGatewayV2::Integration')
      .map(({ id, properties }) => [id, targets.get(properties.IntegrationUri['Fn::GetAtt'][0]) ?? '?']),
  );
  const routes = stack.all('AWS::ApiGatewayV2::Route').map(({ properties }) => {
    const [, integration] = properties.Target['Fn::Join'][1];
    return [properties.RouteKey, integrations.get(integration.Ref) ?? '?'];
  });
  return Object.fromEntries(routes);
}
