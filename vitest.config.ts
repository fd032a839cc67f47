import { defineConfig } from 'vitest/config';

/** These start threads and processes of their own, or put a mock into a class of the AWS SDK. */
const isolated = ['e2e', 'infra/local', 'contract', 'shared/aws'].map(
  (folder) => `test/${folder}/**/*.test.ts`,
);

export default defineConfig({
  test: {
    testTimeout: 30_000,
    hookTimeout: 60_000,
    projects: [
      { extends: true, test: { name: 'isolated', include: isolated } },
      {
        extends: true,
        test: {
          name: 'together',
          include: ['test/**/*.test.ts'],
          exclude: isolated,
          // These share modules, above all aws-cdk-lib, which takes seconds to load: half of the time of a run.
          isolate: false,
        },
      },
    ],
    coverage: {
      include: ['shared/**/*.ts', 'functions/*/handler.ts'],
      reporter: ['text-summary', 'html'],
      thresholds: { statements: 95, branches: 90, functions: 95, lines: 95 },
    },
  },
});
