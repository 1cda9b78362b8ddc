export type ServiceName = 'redis' | 'nginx' | 'pgbouncer' | 'openssl';
export const SERVICES: Record<ServiceName, { program: string; packages: string[] }>;
export const LEFT_OUT_FILE: string;
export function isCI(): boolean;
export function notedAsLeftOut(file?: string): string[];
export function findProgram(service: ServiceName): string | null;
export function missingServices(): ServiceName[];
export function leftOut(missing?: ServiceName[]): { file: string; missing: ServiceName[] }[];
