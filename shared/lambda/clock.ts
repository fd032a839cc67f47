import type { Clock } from '#shared/use-cases/ports.ts';

export const systemClock: Clock = { now: () => new Date() };
