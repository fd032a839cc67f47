import { createDocumentClient, createSecretsClient, createSqsClient } from '#shared/aws/clients.ts';
