import { describe, expect, test } from 'vitest';

import { createLogger, type LoggerOptions } from '../../src/telemetry/logger.ts';
import { createRedactor } from '../../src/telemetry/redactor.ts';

const SECRET = 'hunter2-hunter2-9xQ';

function logging(options: Partial<LoggerOptions> & { isTTY?: boolean } = {}) {
  const lines: string[] = [];
  const destination = { isTTY: options.isTTY ?? false, write: (line: string) => lines.push(line) };
  const logger = createLogger({ level: 'info', format: 'json', redactor: createRedactor({ secrets: () => [SECRET] }), destination, ...options });
  return { logger, lines };
}

describe('the logger', () => {
  test('writes one JSON object per line, with level and time in words', () => {
    const { logger, lines } = logging();
    logger.info({ mission: 'm1' }, 'mission started');
    expect(lines).toHaveLength(1);
    expect(lines[0]!.endsWith('\n')).toBe(true);
    expect(JSON.parse(lines[0]!)).toEqual({ level: 'info', time: expect.stringMatching(/^\d{4}-.*Z$/), mission: 'm1', msg: 'mission started' });
  });

  test('leaves out what is below its level', () => {
    const { logger, lines } = logging({ level: 'warn' });
    logger.info('quiet');
    expect(lines).toEqual([]);
  });

  test('writes no secret, wherever it was put, and stays JSON', () => {
    const { logger, lines } = logging();
    const error = new Error(`cannot reach https://x:${SECRET}@example.com`);
    logger.error({ err: error, deep: { list: [SECRET, Buffer.from(`a${SECRET}`).toString('base64')] }, [SECRET]: 1, header: { authorization: `Bearer ${SECRET}` } }, `failed with ${SECRET}`);
    logger.child({ token: SECRET }).info('child');
    for (const line of lines) {
      expect(line).not.toContain(SECRET);
      expect(line).not.toContain('9xQ');
      expect(JSON.parse(line)).toBeTypeOf('object');
    }
    expect(lines[0]).toContain('[redacted]');
  });

  test('in the pretty form a line begins with the time of day and the level', () => {
    const { logger, lines } = logging({ format: 'pretty' });
    logger.warn({ mission: 'm1', reason: 'two words' }, 'slow');
    expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d WARN {2}slow mission=m1 reason="two words"\n$/);
  });

  test('in the pretty form an error brings its stack, and control characters cannot forge lines', () => {
    const { logger, lines } = logging({ format: 'pretty' });
    logger.error({ err: new Error('boom') }, 'broken\u001b[2J\n00:00:00 INFO  fine');
    expect(lines[0]).toContain('broken<U+001B>[2J\\n00:00:00 INFO  fine');
    expect(lines[0]).toContain('\n    Error: boom');
  });

  test('colours are for terminals only', () => {
    const plain = logging({ format: 'pretty' });
    plain.logger.info('x');
    const terminal = logging({ format: 'pretty', isTTY: true });
    terminal.logger.info('x');
    expect(plain.lines[0]).not.toContain('\u001b');
    expect(terminal.lines[0]).toContain('\u001b[36mINFO');
  });
});
