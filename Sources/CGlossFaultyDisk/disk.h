#ifndef GLOSS_DISK_H
#define GLOSS_DISK_H

#include "CGlossFaultyDisk.h"

#include <pthread.h>

struct change {
  uint64_t offset;
  uint8_t *bytes;
  size_t size;
};

struct file {
  struct file *next;
  char *path;
  uint8_t *durable;
  size_t durable_size;
  struct change *changes;
  size_t change_count, change_room;
  bool is_new, is_entered, is_deleted;
  /// Whether the first sync syncs the directory too.
  bool enters_at_sync;
};

/// A file that SQLite knows nothing of, as it was at the last two of the counted operations between which it changed.
struct watched {
  char *path;
  uint8_t before[256], now[256];
  /// -1 where there is no file.
  int before_size, now_size;
  /// The operation before which it had changed.
  uint64_t changed_at;
};

struct gloss_disk {
  char *path;
  size_t path_size;
  /// Oldest first.
  struct file *files;
  int fault;
  uint32_t mask;
  uint64_t at, count;
  bool is_for_good, has_failed, is_dead, is_ignoring_syncs;
  /// How many files SQLite has open, and whether nobody else holds the disk any more.
  size_t open_count;
  bool is_let_go;
  struct watched watched;
};

/// Guards all disks. What follows is called while it is held.
extern pthread_mutex_t gloss_disk_mutex;

#define LOCKED(...)                           \
  do {                                        \
    pthread_mutex_lock(&gloss_disk_mutex);    \
    __VA_ARGS__;                              \
    pthread_mutex_unlock(&gloss_disk_mutex);  \
  } while (0)

/// The disk that a path is on, or NULL.
gloss_disk *gloss_disk_of(const char *path);

/// Counts an operation and returns what happens to it: 0, or the error.
int gloss_disk_arrive(gloss_disk *disk, uint32_t kind, int error);

/// The file that a path names, or NULL.
struct file *gloss_disk_find(gloss_disk *disk, const char *path);
struct file *gloss_disk_add(gloss_disk *disk, const char *path, bool is_new);

/// Makes what a file durably holds longer, by zeros, or shorter.
void gloss_disk_resize(struct file *file, size_t size);

/// Notes a write, or where `bytes` is NULL a truncation to `offset`.
void gloss_disk_note(struct file *file, uint64_t offset, const void *bytes, size_t size);

/// What was noted is on the disk, or never will be.
void gloss_disk_keep(struct file *file);
void gloss_disk_forget(struct file *file);
void gloss_disk_sync_directory(gloss_disk *disk);

/// Frees a disk that is let go and that no file is open on.
void gloss_disk_release(gloss_disk *disk);

#endif
