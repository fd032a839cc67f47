import { readFileSync } from 'node:fs';

/**
 * The most memory this process ever held. Linux carries `maxRSS` of the process that forked over to the child, which
 * would make a small worker as large as its parent; the high-water mark of the address space starts anew.
 */
export function peakRssBytes(): number {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS * 1024;
  const [, kilobytes = '0'] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}
