import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const modules = join(import.meta.dirname, 'node_modules');
const running = new Set<ChildProcess>();

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** A file of a package that `npm run test:clients` has installed. */
export function installed(...path: string[]): string {
  return join(modules, ...path);
}

/**
 * Why a client cannot run here, if so, for the name of its test: there is no package of it for this system.
 * @param program what must be there.
 */
export function missing(program: string): string | undefined {
  return existsSync(program) ? undefined : `npm has no ${process.platform} ${process.arch} build at the version that is pinned`;
}

/**
 * Runs a program to its end, in a process group of its own that ends with it.
 * @param options.timeoutMs after which it is killed.
 * @throws Error with what it printed, if it took too long.
 */
export function run(
  program: string,
  args: string[],
  options: { env: NodeJS.ProcessEnv; cwd: string; timeoutMs?: number; input?: string },
): Promise<Ended> {
  const { env, cwd, timeoutMs = 150_000, input = '' } = options;
  const child = spawn(program, args, { env, cwd, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
  running.add(child);
  const ended: Ended = { code: null, stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (ended.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (ended.stderr += text));
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => {
      end(child);
      reject(new Error(`${program} ${args.join(' ')} did not end in ${timeoutMs} ms.\n${ended.stdout}\n${ended.stderr}`));
    }, timeoutMs);
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(late);
      end(child);
      resolve({ ...ended, code });
    });
  });
}

/** Ends what a test that failed has left. */
export function endPrograms(): void {
  for (const child of running) end(child);
}

function end(child: ChildProcess): void {
  running.delete(child);
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // The whole group has ended by itself.
  }
}
