#include "disk.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// How it works
// ============
//
// Writes go through to the real files at once, which therefore show what a process sees, and what is left of it after it was
// killed. What would be left after the power was lost is kept beside that: for each file its bytes at the last sync, and every
// write and truncation since. A sync replays those onto the bytes. Directories are alike: a file that was made may be missing,
// and one that was deleted may be back, until the directory was synced. SQLite's layer syncs it with the first sync of a
// journal or log that it made, and where a deletion asks for it.
//
// What the layer says of the disk is what holds of it: sectors as large as SQLite's own layer says, and nothing atomic or in
// order. Of a write that was lost in part each 512 bytes are the old or the new ones, and bytes beside it stay as they were,
// so "powersafe overwrite", which SQLite's own layer says of every disk, is true here too.
//
// A process that was killed may go on here for a while, and delete what it made. A database has a second name, ".inode" behind
// its own, under which it lives on, and is found as the same file once the disk is mounted: a library remembers its inode.
//
// Memory maps would go past the layer, so it offers none. The index of the write-ahead log is such a map, but SQLite
// makes it anew whenever nobody has the database open.

/// What SQLite holds of an open file. The file of its own layer lies behind it.
struct handle {
  sqlite3_file base;
  gloss_disk *disk;
  struct file *file;
};

static sqlite3_vfs *below;
static sqlite3_vfs layer;

static sqlite3_file *real(sqlite3_file *file) {
  return (sqlite3_file *)((struct handle *)file + 1);
}

/// Reads what a file that was there before the disk was made holds.
static int load(struct file *file, sqlite3_file *real) {
  sqlite3_int64 size = 0;
  int code = real->pMethods->xFileSize(real, &size);
  if (code != SQLITE_OK || size == 0) return code;
  gloss_disk_resize(file, (size_t)size);
  return real->pMethods->xRead(real, file->durable, (int)size, 0);
}

// MARK: An open file

static int check(sqlite3_file *file, uint32_t kind, int error) {
  int code;
  LOCKED(code = gloss_disk_arrive(((struct handle *)file)->disk, kind, error));
  return code;
}

static int file_close(sqlite3_file *file) {
  gloss_disk *disk = ((struct handle *)file)->disk;
  int code = real(file)->pMethods->xClose(real(file));
  LOCKED({
    if (--disk->open_count == 0 && disk->is_let_go) gloss_disk_release(disk);
  });
  return code;
}

static int file_read(sqlite3_file *file, void *bytes, int size, sqlite3_int64 offset) {
  int code = check(file, GLOSS_DISK_READ, SQLITE_IOERR_READ);
  return code ? code : real(file)->pMethods->xRead(real(file), bytes, size, offset);
}

static int file_write(sqlite3_file *file, const void *bytes, int size, sqlite3_int64 offset) {
  struct handle *handle = (struct handle *)file;
  int code;
  LOCKED({
    code = gloss_disk_arrive(handle->disk, GLOSS_DISK_WRITE, SQLITE_IOERR_WRITE);
    if (code == SQLITE_OK) code = real(file)->pMethods->xWrite(real(file), bytes, size, offset);
    if (code == SQLITE_OK) gloss_disk_note(handle->file, offset, bytes, size);
  });
  return code;
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size) {
  struct handle *handle = (struct handle *)file;
  int code;
  LOCKED({
    code = gloss_disk_arrive(handle->disk, GLOSS_DISK_TRUNCATE, SQLITE_IOERR_TRUNCATE);
    if (code == SQLITE_OK) code = real(file)->pMethods->xTruncate(real(file), size);
    if (code == SQLITE_OK) gloss_disk_note(handle->file, size, NULL, 0);
  });
  return code;
}

/// Nothing goes to the real disk: what is durable is kept in memory here.
static int file_sync(sqlite3_file *file, int flags) {
  (void)flags;
  struct handle *handle = (struct handle *)file;
  int code;
  LOCKED({
    code = gloss_disk_arrive(handle->disk, GLOSS_DISK_SYNC, SQLITE_IOERR_FSYNC);
    if (!handle->disk->is_ignoring_syncs && !handle->disk->is_dead) {
      if (code == SQLITE_OK) {
        gloss_disk_keep(handle->file);
        if (handle->file->enters_at_sync) gloss_disk_sync_directory(handle->disk);
        handle->file->enters_at_sync = false;
      } else {
        gloss_disk_forget(handle->file);
      }
    }
  });
  return code;
}

static int file_size(sqlite3_file *file, sqlite3_int64 *size) {
  int code = check(file, GLOSS_DISK_SIZE, SQLITE_IOERR_FSTAT);
  return code ? code : real(file)->pMethods->xFileSize(real(file), size);
}

static int file_lock(sqlite3_file *file, int level) {
  int code = check(file, GLOSS_DISK_LOCK, SQLITE_IOERR_LOCK);
  return code ? code : real(file)->pMethods->xLock(real(file), level);
}

static int file_unlock(sqlite3_file *file, int level) {
  return real(file)->pMethods->xUnlock(real(file), level);
}

static int file_check_reserved(sqlite3_file *file, int *is_reserved) {
  int code = check(file, GLOSS_DISK_LOCK, SQLITE_IOERR_CHECKRESERVEDLOCK);
  return code ? code : real(file)->pMethods->xCheckReservedLock(real(file), is_reserved);
}

static int file_control(sqlite3_file *file, int operation, void *argument) {
  // Growing in steps would truncate past this layer.
  if (operation == SQLITE_FCNTL_CHUNK_SIZE || operation == SQLITE_FCNTL_SIZE_HINT)
    return SQLITE_NOTFOUND;
  return real(file)->pMethods->xFileControl(real(file), operation, argument);
}

static int file_sector_size(sqlite3_file *file) {
  return real(file)->pMethods->xSectorSize(real(file));
}

static int file_characteristics(sqlite3_file *file) {
  int characteristics = real(file)->pMethods->xDeviceCharacteristics(real(file));
  return characteristics & SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

static int file_shm_map(
    sqlite3_file *file, int region, int size, int extends, void volatile **map) {
  int code = check(file, GLOSS_DISK_SHARE, SQLITE_IOERR_SHMMAP);
  return code ? code : real(file)->pMethods->xShmMap(real(file), region, size, extends, map);
}

static int file_shm_lock(sqlite3_file *file, int offset, int count, int flags) {
  if (flags & SQLITE_SHM_LOCK) {
    int code = check(file, GLOSS_DISK_SHARE, SQLITE_IOERR_SHMLOCK);
    if (code) return code;
  }
  return real(file)->pMethods->xShmLock(real(file), offset, count, flags);
}

static void file_shm_barrier(sqlite3_file *file) { real(file)->pMethods->xShmBarrier(real(file)); }

static int file_shm_unmap(sqlite3_file *file, int deletes) {
  gloss_disk *disk = ((struct handle *)file)->disk;
  return real(file)->pMethods->xShmUnmap(real(file), deletes && !disk->is_dead);
}

/// Version 2: shared memory, and no memory maps.
static const sqlite3_io_methods methods = {
  .iVersion = 2,
  .xClose = file_close,
  .xRead = file_read,
  .xWrite = file_write,
  .xTruncate = file_truncate,
  .xSync = file_sync,
  .xFileSize = file_size,
  .xLock = file_lock,
  .xUnlock = file_unlock,
  .xCheckReservedLock = file_check_reserved,
  .xFileControl = file_control,
  .xSectorSize = file_sector_size,
  .xDeviceCharacteristics = file_characteristics,
  .xShmMap = file_shm_map,
  .xShmLock = file_shm_lock,
  .xShmBarrier = file_shm_barrier,
  .xShmUnmap = file_shm_unmap,
};

// MARK: Files by path

/// Gives a database the name under which it outlives its own.
static void name_twice(const char *path) {
  char second[4096];
  if (snprintf(second, sizeof second, "%s.inode", path) >= (int)sizeof second) return;
  unlink(second);
  (void)!link(path, second);
}

static int layer_open(
    sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *flags_out) {
  (void)vfs;
  pthread_mutex_lock(&gloss_disk_mutex);
  gloss_disk *disk = gloss_disk_of(path);
  if (disk == NULL) {
    pthread_mutex_unlock(&gloss_disk_mutex);
    return below->xOpen(below, path, file, flags, flags_out);
  }
  struct handle *handle = (struct handle *)file;
  memset(handle, 0, sizeof *handle);
  memset(real(file), 0, below->szOsFile);
  int exists = 0;
  below->xAccess(below, path, SQLITE_ACCESS_EXISTS, &exists);
  int kind = exists ? GLOSS_DISK_OPEN : GLOSS_DISK_CREATE;
  int code = gloss_disk_arrive(disk, kind, SQLITE_CANTOPEN);
  if (code == SQLITE_FULL) code = SQLITE_CANTOPEN;
  if (code == SQLITE_OK) code = below->xOpen(below, path, real(file), flags, flags_out);
  if (code == SQLITE_OK) {
    if (flags & SQLITE_OPEN_MAIN_DB) name_twice(path);
    bool is_known = gloss_disk_find(disk, path) != NULL;
    handle->disk = disk;
    handle->file = is_known ? gloss_disk_find(disk, path) : gloss_disk_add(disk, path, !exists);
    if (!exists && (flags & (SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL)))
      handle->file->enters_at_sync = true;
    if (exists && !is_known) code = load(handle->file, real(file));
    if (code == SQLITE_OK) {
      handle->base.pMethods = &methods;
      disk->open_count++;
    } else {
      real(file)->pMethods->xClose(real(file));
    }
  }
  pthread_mutex_unlock(&gloss_disk_mutex);
  return code;
}

static int layer_delete(sqlite3_vfs *vfs, const char *path, int syncs_directory) {
  (void)vfs;
  pthread_mutex_lock(&gloss_disk_mutex);
  gloss_disk *disk = gloss_disk_of(path);
  int code = gloss_disk_arrive(disk, GLOSS_DISK_DELETE, SQLITE_IOERR_DELETE);
  if (code == SQLITE_FULL) code = SQLITE_IOERR_DELETE;
  if (code == SQLITE_OK) code = below->xDelete(below, path, 0);
  if (code == SQLITE_OK && disk) {
    struct file *file = gloss_disk_find(disk, path);
    if (file) file->is_deleted = true;
    if (syncs_directory && !disk->is_ignoring_syncs) gloss_disk_sync_directory(disk);
  }
  pthread_mutex_unlock(&gloss_disk_mutex);
  return code;
}

static int layer_access(sqlite3_vfs *vfs, const char *path, int flags, int *result) {
  (void)vfs;
  int code;
  LOCKED(code = gloss_disk_arrive(gloss_disk_of(path), GLOSS_DISK_ACCESS, SQLITE_IOERR_ACCESS));
  return code ? code : below->xAccess(below, path, flags, result);
}

bool gloss_disk_install(void) {
  pthread_mutex_lock(&gloss_disk_mutex);
  bool is_installed = below != NULL;
  if (!is_installed && sqlite3_initialize() == SQLITE_OK) {
    below = sqlite3_vfs_find(NULL);
    layer = *below;
    layer.pNext = NULL;
    layer.zName = "gloss-faulty-disk";
    layer.szOsFile = (int)sizeof(struct handle) + below->szOsFile;
    layer.xOpen = layer_open;
    layer.xDelete = layer_delete;
    layer.xAccess = layer_access;
    is_installed = sqlite3_vfs_register(&layer, 1) == SQLITE_OK;
  }
  pthread_mutex_unlock(&gloss_disk_mutex);
  return is_installed;
}
