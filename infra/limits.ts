/**
 * One sync may take this long. The longest is the first one of an instance, and one that ran out of time would begin
 * anew: 100,000 rows at 1.3 to 1.7 ms of processor time each, on the 0.58 processors that 1,024 MB of memory come with.
 */
export const syncTimeoutSeconds = 600;

/** Longer than any sync can live, so that a lease never ends under a working holder. */
export const leaseSeconds = syncTimeoutSeconds + 60;

/** Six times the time-out of the consumer, as AWS asks: docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html */
export const queueVisibilitySeconds = 6 * syncTimeoutSeconds;

/** Tries of one message before it goes to the dead-letter queue. */
export const maxReceiveCount = 3;

/** HTTP APIs give up after 30 s; a function must answer before. */
export const httpTimeoutSeconds = 29;
