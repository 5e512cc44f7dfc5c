const DOCS = 'https://docs.github.com/rest';

export interface FieldError {
  readonly resource: string;
  readonly field: string;
  readonly code: 'missing' | 'missing_field' | 'invalid' | 'already_exists' | 'unprocessable' | 'custom';
  readonly message?: string;
}

/** A refusal in GitHub's shape. Thrown by handlers, rendered by the server. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: number;
  readonly errors: readonly (FieldError | string)[] | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, options: { errors?: readonly (FieldError | string)[]; headers?: Record<string, string> } = {}) {
    super(message);
    this.status = status;
    this.errors = options.errors;
    this.headers = options.headers ?? {};
  }

  /** The JSON that GitHub would answer. */
  get body(): Readonly<Record<string, unknown>> {
    return {
      message: this.message,
      ...(this.errors === undefined ? {} : { errors: this.errors }),
      documentation_url: DOCS,
      status: String(this.status),
    };
  }
}

export function notFound(): Problem {
  return new Problem(404, 'Not Found');
}

export function badCredentials(): Problem {
  return new Problem(401, 'Bad credentials');
}

export function requiresAuthentication(): Problem {
  return new Problem(401, 'Requires authentication');
}

export function notAccessible(): Problem {
  return new Problem(403, 'Resource not accessible by integration');
}

/** 422 with `errors[]`, as most of GitHub's validations answer. */
export function validationFailed(...errors: readonly (FieldError | string)[]): Problem {
  return new Problem(422, 'Validation Failed', { errors });
}

/** 422 for a body that does not have the documented form ("Invalid request."), as GitHub's schema check answers. */
export function invalidRequest(detail: string): Problem {
  return new Problem(422, `Invalid request.\n\n${detail}`);
}
