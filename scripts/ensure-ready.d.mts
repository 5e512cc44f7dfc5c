export function ensureReady(): void | Promise<void>;
