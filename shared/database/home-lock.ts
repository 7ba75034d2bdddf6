import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Another process has this folder open. The embedded database bears one process at a time. */
export class HomeInUseError extends Error {
  override readonly name = 'HomeInUseError';
  constructor(home: string, pid: number, file: string) {
    super(
      `Another Keepsake (process ${pid}) has the folder ${home} open. Stop it, or give this one a folder of its own ` +
        `with KEEPSAKE_HOME, or a server with DATABASE_URL. If no Keepsake is running, delete ${file}.`,
    );
  }
}

interface Owner {
  pid: number;
  /** The kernel's start time of that process, so that a process id used again is not mistaken for its earlier owner. */
  started: string | null;
}

/** Linux tells when a process started (field 22 of /proc/…/stat); elsewhere the process id alone must do. */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}

function isAlive(owner: Owner): boolean {
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  return owner.started === null || owner.started === startOf(owner.pid);
}

function readOwner(file: string): Owner | null {
  try {
    const owner = JSON.parse(readFileSync(file, 'utf8')) as Owner;
    return Number.isInteger(owner.pid) ? owner : null;
  } catch {
    return null;
  }
}

/** Puts a lock of this process there; false where there is one already. */
function claim(file: string): boolean {
  const owner: Owner = { pid: process.pid, started: startOf(process.pid) };
  try {
    writeFileSync(file, JSON.stringify(owner), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Removes a dead lock. It is moved aside and looked at again first: another process may have put its own there meanwhile. */
function discard(file: string): void {
  const aside = `${file}.${process.pid}`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const owner = readOwner(aside);
  if (owner && isAlive(owner)) renameSync(aside, file);
  else rmSync(aside);
}

/**
 * Claims `home` for this process and returns the release. A lock left by a process that was killed is taken over.
 * Throws `HomeInUseError` when its owner is alive, in this process too.
 */
export function lockHome(home: string): () => void {
  mkdirSync(home, { recursive: true });
  const file = join(home, 'keepsake.pid');
  while (!claim(file)) {
    const owner = readOwner(file);
    if (owner && isAlive(owner)) throw new HomeInUseError(home, owner.pid, file);
    discard(file);
  }
  return () => rmSync(file, { force: true });
}
