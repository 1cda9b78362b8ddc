// Everything that a run of the benchmarks needs, made once and cleared away at the end whatever happens: folder,
// bundles, database, processes. Owns their lives; measures nothing.
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { GeneratorApi } from '../programs/generator.js';
import type { ServerApi } from '../programs/socketio.js';
import { makeBundles, type Bundles, type ProgramName } from './bundle.js';
import { takeCores, type Cores, type Role } from './cores.js';
import { startDatabase, type BenchDatabase } from './database.js';
import { Program } from './program.js';
import type { Api } from './rpc.js';

export interface RunningServer {
  program: Program<ServerApi>;
  port: number;
}

export interface WorkbenchOptions {
  /** Builds the product where its sources are newer. */
  rebuild: boolean;
  /** A folder for a profile of each measured process, and a trace of each measured page. */
  profiles?: string | undefined;
}

export class Workbench {
  readonly cores: Cores;
  readonly database: BenchDatabase;
  readonly bundles: Bundles;
  readonly #folder: string;
  readonly profiles: string | undefined;
  readonly #programs = new Set<Program<never>>();
  #folders = 0;

  private constructor(parts: Pick<Workbench, 'cores' | 'database' | 'bundles'>, folder: string, profiles?: string) {
    this.#folder = folder;
    this.profiles = profiles;
    this.cores = parts.cores;
    this.database = parts.database;
    this.bundles = parts.bundles;
  }

  static async open(options: WorkbenchOptions): Promise<Workbench> {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'afterword-bench-')));
    // Where the run is root's, the database runs as another user, who must get through.
    chmodSync(folder, 0o711);
    try {
      const bundles = await makeBundles(folder, options);
      const cores = takeCores();
      const database = await startDatabase(folder);
      return new Workbench({ cores, database, bundles }, folder, options.profiles);
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** Ends every process that is left and removes every trace. */
  async close(): Promise<void> {
    await Promise.all([...this.#programs].map((program) => program.end()));
    await this.database.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** An empty folder of this run with a short path. */
  folder(): string {
    this.#folders += 1;
    const folder = join(this.#folder, String(this.#folders));
    mkdirSync(folder);
    return folder;
  }

  generator(): Program<GeneratorApi> {
    return this.start<GeneratorApi>('generator', 'load');
  }

  /** `measured`: with the probe inside. */
  start<A extends Api>(name: ProgramName, role: Role, { measured = false } = {}): Program<A> {
    return this.#keep(
      new Program<A>({
        cores: this.cores,
        role,
        file: this.bundles.programs[name],
        ...(measured ? { probe: this.bundles.programs.probe } : {}),
        profiles: this.profiles,
      }),
    );
  }

  /** A baseline's server; with a database where it is to insert before it publishes, with a Redis as one of several. */
  async baseline(name: 'socketio' | 'ws', databaseUrl: string | null, redisUrl?: string): Promise<RunningServer> {
    const program = this.start<ServerApi>(name, 'server', { measured: true });
    const { port } = await program.call('listen', { databaseUrl, ...(redisUrl === undefined ? {} : { redisUrl }) });
    return { program, port };
  }

  /** Our server, as `npm start` runs it, on this database; `env` comes last. */
  async product(databaseUrl: string, env: Record<string, string> = {}): Promise<RunningServer> {
    const program = this.#keep(
      new Program<ServerApi>({
        cores: this.cores,
        role: 'server',
        file: this.bundles.product,
        probe: this.bundles.programs.probe,
        profiles: this.profiles,
        env: {
          ...Object.fromEntries(
            Object.keys(process.env)
              .filter((name) => name.startsWith('AFTERWORD_'))
              .map((name) => [name, '']),
          ),
          HOST: '127.0.0.1',
          PORT: '0',
          PUBLIC_URL: '',
          REDIS_URL: '',
          DATABASE_URL: databaseUrl,
          AFTERWORD_DATA_DIR: this.folder(),
          AFTERWORD_RATE_LIMITS: 'off',
          AFTERWORD_DRAIN_SECONDS: '0',
          LOG_LEVEL: 'warn',
          ...env,
        },
      }),
    );
    const [, port] = await program.line(/^Afterword is ready at http:\/\/127\.0\.0\.1:(\d+)$/);
    return { program, port: Number(port) };
  }

  async end(program: Program<never>): Promise<void> {
    this.#programs.delete(program);
    await program.end();
  }

  /** In the middle of whatever it does. */
  async kill(program: Program<never>): Promise<void> {
    this.#programs.delete(program);
    await program.kill();
  }

  #keep<A extends Api>(program: Program<A>): Program<A> {
    this.#programs.add(program as unknown as Program<never>);
    return program;
  }
}
