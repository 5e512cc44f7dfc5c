/** Class of a failed attempt; the retry table (core/schedule) decides by it. */
export type FailureKind = 'input' | 'work' | 'timeout' | 'cancelled' | 'environment' | 'network' | 'permission' | 'conflict' | 'lost';
