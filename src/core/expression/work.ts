import { expressionLimits } from './limits.ts';
import { EvaluationFailure } from './problem.ts';

/** What one evaluation may still do. Running out is final: no `||` and no `exists` goes on behind it. */
export class Work {
  #left: number = expressionLimits.work;

  spend(amount: number): void {
    this.#left -= amount;
    if (this.#left < 0) throw tooMuch(`The expression looks at more than ${expressionLimits.work} values; let a step do that work.`);
  }

  /** Counts a text that was made. */
  text(text: string): string {
    if (text.length > expressionLimits.text) throw tooMuch(`The expression makes a text of more than ${expressionLimits.text} characters.`);
    this.spend(text.length >> 4);
    return text;
  }

  /** To be asked before a text of so many characters is made. */
  willMakeText(length: number): void {
    if (length > expressionLimits.text) throw tooMuch(`The expression makes a text of more than ${expressionLimits.text} characters.`);
  }

  willMakeList(length: number): void {
    if (length > expressionLimits.list) throw tooMuch(`The expression makes a list of more than ${expressionLimits.list} elements.`);
    this.spend(length);
  }
}

function tooMuch(message: string): EvaluationFailure {
  return new EvaluationFailure('too-much', message);
}
