import type { Millis } from '../../kit/time.ts';

/** An instant as GitHub writes it: UTC, whole seconds (two changes within a second look equal, as they do there). */
export function gitHubTime(at: Millis): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}

/** As `gitHubTime`, for instants that may not have come yet. */
export function gitHubTimeOrNull(at: Millis | null): string | null {
  return at === null ? null : gitHubTime(at);
}
