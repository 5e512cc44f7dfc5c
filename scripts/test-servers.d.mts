export interface TestServers {
  readonly redisUrl: string;
  readonly databaseUrl: string;
  /** Where the servers' data and logs are; names them for `stopServers`. */
  readonly folder: string;
}

export function missingServers(): string[];
export function ensureServers(): Promise<void>;
export function startServers(options?: { owner?: number }): Promise<TestServers>;
export function stopServers(options?: { folder?: string; ofDeadOwners?: boolean }): Promise<void>;
