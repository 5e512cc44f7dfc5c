/** Half-open range of a text that must not be shown. */
export interface SecretRange {
  readonly start: number;
  readonly end: number;
}
