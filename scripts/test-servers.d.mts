export interface TestServers {
  readonly redisUrl: string;
  readonly databaseUrl: string;
  /** Where the servers' data and logs are; names them for `stopServers`. */
  readonly folder: string;
}

export function missingServers(): string[];
export function ensureServers(): Promise<void>;
export function startServers(options?: { owner?: number; postgresData?: string }): Promise<TestServers>;
export function stopServers(options?: { folder?: string; ofDeadOwners?: boolean }): Promise<void>;
export function runRedis(folder: string, options?: { appendOnly?: boolean }): Promise<void>;
export function killRedis(folder: string): Promise<void>;
export function runPostgres(folder: string): Promise<void>;
export function crashPostgres(folder: string): Promise<void>;
