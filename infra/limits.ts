/** How long one sync may take: enough for a large or slow instance, and a stuck one does not hold its place for long. */
export const syncTimeoutSeconds = 300;

/** Longer than any sync can live, so that a lease never ends under a working holder. */
export const leaseSeconds = syncTimeoutSeconds + 60;

/** Six times the time-out of the consumer, as AWS asks: docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html */
export const queueVisibilitySeconds = 6 * syncTimeoutSeconds;

/** Tries of one message before it goes to the dead-letter queue. */
export const maxReceiveCount = 3;

/** HTTP APIs give up after 30 s; a function must answer before. */
export const httpTimeoutSeconds = 29;
