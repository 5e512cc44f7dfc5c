/** What is wrong with an expression as it is written. Offsets count UTF-16 code units of the text that was given. */
export interface ExpressionProblem {
  readonly code: 'syntax' | 'too-large' | 'unknown-name' | 'unknown-function' | 'wrong-type' | 'not-available';
  /** A whole sentence: what was found, what is expected. */
  readonly message: string;
  readonly offset: number;
  readonly length: number;
}

/** Why an expression has no value for what it was given. */
export interface ExpressionError {
  readonly code: 'invalid' | 'no-such-key' | 'wrong-type' | 'out-of-range' | 'too-much' | 'not-available' | 'function';
  readonly message: string;
  readonly offset: number;
  readonly length: number;
}

/** Carries an `ExpressionError` out of the closures; never leaves this room. */
export class EvaluationFailure extends Error {
  override readonly name = 'EvaluationFailure';
  readonly code: ExpressionError['code'];
  offset: number | null = null;
  length = 0;

  constructor(code: ExpressionError['code'], message: string) {
    super(message);
    this.code = code;
  }

  /** The innermost place wins. */
  at(offset: number, length: number): this {
    if (this.offset === null) {
      this.offset = offset;
      this.length = length;
    }
    return this;
  }
}
