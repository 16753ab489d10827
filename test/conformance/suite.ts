import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';

const program = join(import.meta.dirname, '../../node_modules/@modelcontextprotocol/conformance/dist/index.js');

/** What the official conformance suite said. */
export interface SuiteResult {
  exitCode: number | null;
  passed: number;
  /** Scenarios with a check that failed or warned. */
  failing: string[];
  output: string;
}

/**
 * Runs the official conformance suite in a process of its own.
 * @param onOutput is told what it has written so far, each time it writes.
 */
export async function runSuite(args: string[], onOutput: (output: string) => void = () => {}): Promise<SuiteResult> {
  const child: ChildProcess = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'], timeout: 30_000 });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      onOutput(output);
    });
  const exitCode = await new Promise<number | null>((resolve, reject) => child.once('close', resolve).once('error', reject));
  return {
    exitCode,
    passed: Number(/^Total: (\d+) passed/m.exec(output)?.[1]),
    failing: [...output.matchAll(/^✗ (\S+): \d+ passed/gm)].map(([, scenario = '']) => scenario),
    output,
  };
}
