import { resolve } from 'node:path';
import type { Command, Option } from 'commander';
import { backUp, restore } from './backup.ts';

/** Adds `tandem backup` and `tandem restore`. @param options the option that all commands share. */
export function addBackupCommands(program: Command, options: { data: () => Option }): void {
  program
    .command('backup')
    .description('copy the whole data folder into one file (tar, gzip), also while the app runs')
    .argument('<file>', 'the archive to write, e.g. tandem.tgz')
    .addOption(options.data())
    .option('--with-secrets', 'also the signing keys, where they are in a file and not in the keychain of the system')
    .action(async (file: string, { data, withSecrets = false }: { data: string; withSecrets?: boolean }) => {
      const names = await backUp(data, resolve(file), { withSecrets });
      process.stdout.write(`Backed up ${names.join(', ')} into ${file}.\n`);
    });
  program
    .command('restore')
    .description('put a backup into a data folder; not into one that the app runs on')
    .argument('<file>', 'an archive of tandem backup')
    .addOption(options.data())
    .option('--force', 'also into a folder that is not empty; what is there is kept beside')
    .action(async (file: string, { data, force = false }: { data: string; force?: boolean }) => {
      const { restored, kept } = await restore(data, resolve(file), { force });
      process.stdout.write(
        `Restored ${restored.join(', ')} into ${data}.${kept === undefined ? '' : ` What was there is in ${kept}.`}\n`,
      );
    });
}
