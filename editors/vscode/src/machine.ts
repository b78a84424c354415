// This machine, as discovery sees it.

import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, readFile, stat } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import type { Machine } from './discovery';

const PATIENCE = 15_000; // milliseconds; a first start on a cold disk is slow

export function thisMachine(): Machine {
  return {
    platform: process.platform,
    arch: process.arch,
    env: process.env,
    home: homedir(),
    async runnable(file) {
      try {
        await access(file, process.platform === 'win32' ? constants.F_OK : constants.X_OK);
        return (await stat(file)).isFile();
      } catch {
        return false;
      }
    },
    async read(file) {
      try {
        return await readFile(file, 'utf8');
      } catch {
        return undefined;
      }
    },
    run(command, args) {
      return new Promise((resolve) => {
        // Not in the opened folder: nothing in it may take part in starting a program.
        execFile(command, [...args], { timeout: PATIENCE, windowsHide: true, cwd: tmpdir(), encoding: 'utf8' }, (error, stdout, stderr) => {
          const output = `${stdout}\n${stderr}`;
          if (error === null) {
            resolve({ code: 0, output });
          } else {
            resolve({ code: typeof error.code === 'number' ? error.code : undefined, output: output.trim() || error.message });
          }
        });
      });
    },
  };
}
