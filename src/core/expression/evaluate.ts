import type { Json } from '../../kit/json.ts';
import { err, ok } from '../../kit/result.ts';
import type { Result } from '../../kit/result.ts';
import type { ExpressionContext } from './context.ts';
import { Evaluation } from './evaluation.ts';
import { parseExpression } from './parse.ts';
import type { ParsedExpression } from './parse.ts';
import { EvaluationFailure } from './problem.ts';
import type { ExpressionError } from './problem.ts';

/**
 * The value of an expression, with or without `${{ }}` around it: plain JSON, and the same for the same context. Reads nothing
 * but the context, ends after a bounded amount of work, never throws.
 */
export function evaluateExpression(text: string, context: ExpressionContext): Result<Json, ExpressionError> {
  const parsed = parseExpression(text);
  if (parsed.ok) return evaluateParsed(parsed.value, context);
  const [first] = parsed.error;
  return err({ code: 'invalid', message: first?.message ?? 'The expression cannot be read.', offset: first?.offset ?? 0, length: first?.length ?? 0 });
}

export function evaluateParsed(parsed: ParsedExpression, context: ExpressionContext): Result<Json, ExpressionError> {
  try {
    return ok(parsed.code(new Evaluation(context)));
  } catch (error) {
    if (error instanceof EvaluationFailure) {
      return err({ code: error.code, message: error.message, offset: (error.offset ?? 0) + parsed.offset, length: error.length });
    }
    // Data nested deeper than the stack is: the only thing that outgrows it, as expressions are bounded.
    if (error instanceof RangeError) return err({ code: 'too-much', message: 'The values are nested too deeply.', offset: parsed.offset, length: parsed.source.length });
    throw error;
  }
}
