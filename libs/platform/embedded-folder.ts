import { randomBytes } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { chmod, mkdir, readFile, realpath, rename, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import {
  assertEnterable,
  EmbeddedPostgresError,
  findPostgresBinaries,
  type OsUser,
} from './postgres-binaries.js';
import { type ClusterPlace, PASSABLE } from './postgres-cluster.js';

const OWNER_ONLY_FILE = 0o600;
const OWNER_ONLY_FOLDER = 0o700;
const PASSWORD_FILE = 'postgres.password';

/** Level by level: where nothing can be made (below /proc), the recursive `mkdir` of Node 20 never returns. */
async function makeFolders(path: string, mode: number): Promise<void> {
  if (await stat(path).catch(() => undefined)) return;
  const parent = dirname(path);
  if (parent !== path) await makeFolders(parent, mode);
  await mkdir(path, { mode }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
}

/** Real path of the folder, made when missing, such that the Postgres user can pass through it. */
export async function openDataDir(path: string, user: OsUser | undefined): Promise<string> {
  const wanted = resolve(path);
  try {
    await makeFolders(wanted, user ? PASSABLE : OWNER_ONLY_FOLDER);
  } catch (cause) {
    throw new EmbeddedPostgresError(
      `The data folder ${wanted} cannot be made (${cause instanceof Error ? cause.message : String(cause)}): set DATA_DIR to a folder that this user may write.`,
      { cause },
    );
  }
  const dataDir = await realpath(wanted);
  if (user) {
    const { mode } = await stat(dataDir);
    // Passing through needs the execute bit of the folder itself; what is inside stays closed.
    if ((mode & 0o011) !== 0o011) await chmod(dataDir, (mode & 0o7777) | 0o011);
  }
  return dataDir;
}

/**
 * Where the cluster is or will be, and who runs it.
 * @throws EmbeddedPostgresError for a closed folder, another user's folder, or one of another Postgres major.
 */
export async function preparePlace(
  dataDir: string,
  root: OsUser | undefined,
): Promise<{ readonly place: ClusterPlace; readonly fresh: boolean }> {
  const binaries = findPostgresBinaries();
  const dataDirectory = join(dataDir, 'postgres');
  const fresh = !existsSync(dataDirectory);
  const user = root && (fresh ? root : ownerOf(dataDirectory));
  assertEnterable(dataDir, user, 'set DATA_DIR to an open folder, for example /var/lib/promptflow');
  assertEnterable(binaries.postgres, user, 'move the program to an open folder');
  if (!fresh) await checkCluster(dataDirectory, binaries.major);
  return { place: { binaries, user, dataDirectory }, fresh };
}

/** A folder made by an ordinary user stays that user's, also when root starts it later. */
function ownerOf(dataDirectory: string): OsUser {
  const { uid, gid } = statSync(dataDirectory);
  if (uid !== 0) return { uid, gid };
  throw new EmbeddedPostgresError(
    `The folder ${dataDirectory} belongs to root, as which Postgres refuses to run: give it back with "chown -R postgres: ${dataDirectory}".`,
  );
}

async function checkCluster(dataDirectory: string, major: number): Promise<void> {
  let version: string;
  try {
    version = (await readFile(join(dataDirectory, 'PG_VERSION'), 'utf8')).trim();
  } catch (cause) {
    throw new EmbeddedPostgresError(
      (cause as NodeJS.ErrnoException).code === 'EACCES'
        ? `The folder ${dataDirectory} belongs to another user: start as that user, or set DATA_DIR to another folder.`
        : `The folder ${dataDirectory} is not a Postgres data folder (no readable PG_VERSION in it): move it away, or set DATA_DIR to another folder.`,
      { cause },
    );
  }
  if (version !== String(major)) {
    throw new EmbeddedPostgresError(
      `The data folder ${dataDirectory} was written by Postgres ${version}, this program brings Postgres ${major}. With the program version that wrote it run "ledger backup", set DATA_DIR to a new folder, and run "ledger restore" with this version.`,
    );
  }
}

/** The password of the cluster's owner, made before the cluster itself. */
export async function readOrMakePassword(
  dataDir: string,
  place: ClusterPlace,
  fresh: boolean,
): Promise<string> {
  const file = join(dataDir, PASSWORD_FILE);
  if (existsSync(file)) return readPassword(dataDir);
  if (!fresh) {
    throw new EmbeddedPostgresError(
      `The file ${file} with the password of ${place.dataDirectory} is missing: put it back from where the folder was copied.`,
    );
  }
  const password = randomBytes(24).toString('base64url');
  await writeFile(`${file}.new`, `${password}\n`, { mode: OWNER_ONLY_FILE });
  await rename(`${file}.new`, file);
  return password;
}

/** The password that `readOrMakePassword` wrote. @throws when there is none or it belongs to another user. */
export async function readPassword(dataDir: string): Promise<string> {
  return (await readFile(join(dataDir, PASSWORD_FILE), 'utf8')).trim();
}
