/** A slash command as understood, independent of how it was written. */
export interface CommandRequest {
  readonly name: string;
  /** Positional arguments, in order. */
  readonly arguments: readonly string[];
  /** The rest of the line after the first positional argument: a reason in free words. */
  readonly text: string;
  /** Why the command could not be understood; then nothing else counts. */
  readonly problem: { readonly code: string; readonly message: string } | null;
}

/** What a person's edit of the checklist asks for. */
export type ChecklistIntent =
  | { readonly kind: 'ticked'; readonly task: string }
  | { readonly kind: 'unticked'; readonly task: string }
  | { readonly kind: 'renamed'; readonly task: string; readonly title: string }
  | { readonly kind: 'removed'; readonly task: string }
  | { readonly kind: 'added'; readonly title: string; readonly phaseTitle: string; readonly checked: boolean };
