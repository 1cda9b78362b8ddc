export type ServiceName = 'redis' | 'nginx' | 'pgbouncer' | 'openssl';
export const SERVICES: Record<ServiceName, { program: string; packages: string[] }>;
export function findProgram(service: ServiceName): string | null;
export function missingServices(): ServiceName[];
export function leftOut(missing?: ServiceName[]): { file: string; missing: ServiceName[] }[];
