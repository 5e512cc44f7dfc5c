/** What a caught value says about itself, for logs and answers: the message of an error, anything else as text. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
