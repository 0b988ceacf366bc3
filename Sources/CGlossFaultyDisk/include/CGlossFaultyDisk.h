#ifndef GLOSS_FAULTY_DISK_H
#define GLOSS_FAULTY_DISK_H

// Disks that fail: a layer between SQLite and its files. For tests only.
//
// Once installed, the layer is the default of the process, so whoever opens a database by its path goes through it. Files
// outside all disks are handed to SQLite's own layer and never seen again.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// A folder of databases, or one database, and what was done to the files since the disk was made or mounted again.
typedef struct gloss_disk gloss_disk;

/// What SQLite does to a file. The first five change something that outlives the process.
enum {
  GLOSS_DISK_CREATE = 1 << 0,
  GLOSS_DISK_WRITE = 1 << 1,
  GLOSS_DISK_TRUNCATE = 1 << 2,
  GLOSS_DISK_DELETE = 1 << 3,
  GLOSS_DISK_SYNC = 1 << 4,
  GLOSS_DISK_OPEN = 1 << 5,
  GLOSS_DISK_READ = 1 << 6,
  GLOSS_DISK_SIZE = 1 << 7,
  GLOSS_DISK_LOCK = 1 << 8,
  GLOSS_DISK_SHARE = 1 << 9,
  GLOSS_DISK_ACCESS = 1 << 10,
};

/// What happens to an operation.
enum {
  GLOSS_DISK_NO_FAULT = 0,
  /// There is no space left: `SQLITE_FULL`.
  GLOSS_DISK_IS_FULL = 1,
  /// The device fails: the `SQLITE_IOERR` of the operation. What a failed sync should have written is as if never written
  /// once the power is lost, whatever later syncs say.
  GLOSS_DISK_FAILS = 2,
  /// The process is gone: neither this operation nor any later one is done.
  GLOSS_DISK_DIES = 3,
};

/// A file as it would be found: one directory entry and what was written since the last sync. One path may have had several
/// files one after another; they come in the order in which they were made.
typedef struct {
  const char *path;
  /// What the last sync left, `durable_size` bytes.
  const uint8_t *durable;
  size_t durable_size;
  /// Whether it was made since the disk was.
  bool is_new;
  /// Whether the directory was synced since the file was made.
  bool is_entered;
  /// Whether the file was deleted, which the directory's next sync makes final.
  bool is_deleted;
  /// The number of writes and truncations since the last sync.
  size_t change_count;
} gloss_disk_file;

/// A write of `size` bytes at `offset`, or, where `bytes` is NULL, a truncation to `offset` bytes.
typedef struct {
  uint64_t offset;
  const uint8_t *bytes;
  size_t size;
} gloss_disk_change;

/// Makes the layer the default of this process. Returns false where SQLite refuses. May be repeated.
bool gloss_disk_install(void);

/// Makes a disk of a folder, or of a database and the files beside it, that may not exist yet. NULL where its folder does not,
/// or 64 disks are in use.
gloss_disk *gloss_disk_create(const char *path);

/// Lets go of a disk. Databases in it that are still open go on without faults.
void gloss_disk_destroy(gloss_disk *disk);

/// Counts operations of the kinds in `mask` from 0 on; with the `at`th something happens, 1 being the next one, and where
/// `is_for_good`, with all later ones too. `at` 0 only counts.
void gloss_disk_plan(gloss_disk *disk, int fault, uint32_t mask, uint64_t at, bool is_for_good);

/// How many operations of the planned kinds there were since the plan was made.
uint64_t gloss_disk_count(const gloss_disk *disk);

/// Whether what was planned has happened.
bool gloss_disk_has_failed(const gloss_disk *disk);

/// Whether syncs are believed and do nothing, as on a drive that lies. Only to show that losing power loses something then.
void gloss_disk_ignore_syncs(gloss_disk *disk, bool is_ignoring);

/// Watches one small file beside the databases that is written without SQLite.
void gloss_disk_watch(gloss_disk *disk, const char *path);

/// What the watched file was at the counted operation before the last one, which `bytes` gets: its size, -1 where it was not
/// there, or -2 where it was the same.
int gloss_disk_watched_before(const gloss_disk *disk, uint8_t bytes[256]);

/// How many files there are to be found. The numbers hold until the next operation.
size_t gloss_disk_file_count(const gloss_disk *disk);
gloss_disk_file gloss_disk_file_at(const gloss_disk *disk, size_t file);
gloss_disk_change gloss_disk_change_at(const gloss_disk *disk, size_t file, size_t change);

/// Takes the files as they are now for what the disk durably holds, and lets operations through again. Returns false, and
/// does nothing, while a database in it is open.
bool gloss_disk_mount(gloss_disk *disk);

#endif
