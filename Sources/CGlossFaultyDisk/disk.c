#include "disk.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { GREATEST_DISK_COUNT = 64 };

pthread_mutex_t gloss_disk_mutex = PTHREAD_MUTEX_INITIALIZER;
static gloss_disk *disks[GREATEST_DISK_COUNT];

gloss_disk *gloss_disk_of(const char *path) {
  if (path == NULL) return NULL;
  for (int i = 0; i < GREATEST_DISK_COUNT; i++) {
    gloss_disk *disk = disks[i];
    if (disk == NULL || strncmp(path, disk->path, disk->path_size) != 0) continue;
    // What follows a folder, a database, or a database's name where a file beside it is named.
    char next = path[disk->path_size];
    if (next == '/' || next == '\0' || next == '-') return disk;
  }
  return NULL;
}

/// Sees whether the watched file has changed.
static void look(struct watched *watched, uint64_t count) {
  if (watched->path == NULL) return;
  uint8_t bytes[sizeof watched->now];
  int size = -1;
  int descriptor = open(watched->path, O_RDONLY | O_CLOEXEC);
  if (descriptor >= 0) {
    size = (int)read(descriptor, bytes, sizeof bytes);
    close(descriptor);
  }
  if (size == watched->now_size && (size <= 0 || memcmp(bytes, watched->now, size) == 0)) return;
  watched->before_size = watched->now_size;
  memcpy(watched->before, watched->now, sizeof watched->before);
  watched->now_size = size;
  if (size > 0) memcpy(watched->now, bytes, size);
  watched->changed_at = count;
}

int gloss_disk_arrive(gloss_disk *disk, uint32_t kind, int error) {
  if (disk == NULL) return SQLITE_OK;
  if (disk->is_dead) return error;
  if (!(disk->mask & kind)) return SQLITE_OK;
  disk->count++;
  look(&disk->watched, disk->count);
  if (disk->at == 0 || disk->count < disk->at) return SQLITE_OK;
  if (disk->count > disk->at && !disk->is_for_good) return SQLITE_OK;
  switch (disk->fault) {
  case GLOSS_DISK_IS_FULL: error = SQLITE_FULL; break;
  case GLOSS_DISK_FAILS: break;
  case GLOSS_DISK_DIES: disk->is_dead = true; break;
  default: return SQLITE_OK;
  }
  disk->has_failed = true;
  return error;
}

// MARK: What is durable

void gloss_disk_forget(struct file *file) {
  for (size_t i = 0; i < file->change_count; i++) free(file->changes[i].bytes);
  file->change_count = 0;
}

void gloss_disk_note(struct file *file, uint64_t offset, const void *bytes, size_t size) {
  if (file->change_count == file->change_room) {
    file->change_room = file->change_room * 2 + 16;
    file->changes = realloc(file->changes, file->change_room * sizeof *file->changes);
    if (file->changes == NULL) abort();
  }
  struct change *change = &file->changes[file->change_count++];
  *change = (struct change){.offset = offset, .size = size};
  if (bytes) {
    change->bytes = malloc(size ? size : 1);
    if (change->bytes == NULL) abort();
    memcpy(change->bytes, bytes, size);
  }
}

void gloss_disk_resize(struct file *file, size_t size) {
  if (size > file->durable_size) {
    file->durable = realloc(file->durable, size);
    if (file->durable == NULL) abort();
    memset(file->durable + file->durable_size, 0, size - file->durable_size);
  }
  file->durable_size = size;
}

void gloss_disk_keep(struct file *file) {
  for (size_t i = 0; i < file->change_count; i++) {
    struct change *change = &file->changes[i];
    if (change->bytes == NULL) {
      gloss_disk_resize(file, change->offset);
      continue;
    }
    if (change->offset + change->size > file->durable_size)
      gloss_disk_resize(file, change->offset + change->size);
    memcpy(file->durable + change->offset, change->bytes, change->size);
  }
  gloss_disk_forget(file);
}

void gloss_disk_sync_directory(gloss_disk *disk) {
  for (struct file *file = disk->files; file; file = file->next) file->is_entered = true;
  // A file that is gone stays in the list, because SQLite may have it open, and counts no more.
  for (struct file *file = disk->files; file; file = file->next) {
    if (file->is_deleted) file->is_entered = false;
  }
}

/// Whether a file can be found after the power was lost, or might be.
static bool may_be_found(const struct file *file) {
  return !file->is_deleted || file->is_entered;
}

struct file *gloss_disk_find(gloss_disk *disk, const char *path) {
  for (struct file *file = disk->files; file; file = file->next) {
    if (!file->is_deleted && strcmp(file->path, path) == 0) return file;
  }
  return NULL;
}

struct file *gloss_disk_add(gloss_disk *disk, const char *path, bool is_new) {
  struct file *file = calloc(1, sizeof *file);
  if (file == NULL || (file->path = strdup(path)) == NULL) abort();
  file->is_new = is_new;
  file->is_entered = !is_new;
  struct file **end = &disk->files;
  while (*end) end = &(*end)->next;
  *end = file;
  return file;
}

static void forget_files(gloss_disk *disk) {
  while (disk->files) {
    struct file *file = disk->files;
    disk->files = file->next;
    gloss_disk_forget(file);
    free(file->changes);
    free(file->durable);
    free(file->path);
    free(file);
  }
}

void gloss_disk_release(gloss_disk *disk) {
  forget_files(disk);
  free(disk->path);
  free(disk->watched.path);
  free(disk);
}

// MARK: Disks

/// Returns a path without links in it, or NULL where its folder does not exist.
static char *full_path(const char *path) {
  char *full = realpath(path, NULL);
  const char *name = strrchr(path, '/');
  if (full || name == NULL) return full;
  char *folder = strndup(path, name - path);
  char *full_folder = folder ? realpath(folder, NULL) : NULL;
  free(folder);
  if (full_folder == NULL) return NULL;
  full = malloc(strlen(full_folder) + strlen(name) + 1);
  if (full == NULL) abort();
  strcpy(full, full_folder);
  strcat(full, name);
  free(full_folder);
  return full;
}

gloss_disk *gloss_disk_create(const char *path) {
  char *full = full_path(path);
  if (full == NULL) return NULL;
  gloss_disk *disk = calloc(1, sizeof *disk);
  if (disk == NULL) abort();
  disk->path = full;
  disk->path_size = strlen(full);
  bool is_kept = false;
  LOCKED({
    for (int i = 0; i < GREATEST_DISK_COUNT && !is_kept; i++) {
      if (disks[i] == NULL) {
        disks[i] = disk;
        is_kept = true;
      }
    }
  });
  if (is_kept) return disk;
  gloss_disk_release(disk);
  return NULL;
}

void gloss_disk_destroy(gloss_disk *disk) {
  LOCKED({
    for (int i = 0; i < GREATEST_DISK_COUNT; i++) {
      if (disks[i] == disk) disks[i] = NULL;
    }
    disk->at = 0;
    disk->is_dead = false;
    disk->is_let_go = true;
    if (disk->open_count == 0) gloss_disk_release(disk);
  });
}

void gloss_disk_plan(gloss_disk *disk, int fault, uint32_t mask, uint64_t at, bool is_for_good) {
  LOCKED({
    disk->fault = fault;
    disk->mask = mask;
    disk->at = at;
    disk->is_for_good = is_for_good;
    disk->count = 0;
    disk->has_failed = false;
  });
}

uint64_t gloss_disk_count(const gloss_disk *disk) {
  uint64_t count;
  LOCKED(count = disk->count);
  return count;
}

void gloss_disk_watch(gloss_disk *disk, const char *path) {
  LOCKED({
    free(disk->watched.path);
    disk->watched = (struct watched){.path = strdup(path), .before_size = -1, .now_size = -1};
    look(&disk->watched, 0);
  });
}

int gloss_disk_watched_before(const gloss_disk *disk, uint8_t bytes[256]) {
  int size;
  LOCKED({
    const struct watched *watched = &disk->watched;
    bool has_changed = watched->path && disk->count > 0 && watched->changed_at == disk->count;
    size = has_changed ? watched->before_size : -2;
    if (size > 0) memcpy(bytes, watched->before, size);
  });
  return size;
}

bool gloss_disk_has_failed(const gloss_disk *disk) {
  bool has_failed;
  LOCKED(has_failed = disk->has_failed);
  return has_failed;
}

void gloss_disk_ignore_syncs(gloss_disk *disk, bool is_ignoring) {
  LOCKED(disk->is_ignoring_syncs = is_ignoring);
}

static const struct file *found(const gloss_disk *disk, size_t number) {
  const struct file *file = disk->files;
  for (;; file = file->next) {
    if (!may_be_found(file)) continue;
    if (number-- == 0) return file;
  }
}

size_t gloss_disk_file_count(const gloss_disk *disk) {
  size_t count = 0;
  LOCKED({
    for (const struct file *file = disk->files; file; file = file->next) {
      if (may_be_found(file)) count++;
    }
  });
  return count;
}

gloss_disk_file gloss_disk_file_at(const gloss_disk *disk, size_t number) {
  gloss_disk_file result;
  LOCKED({
    const struct file *file = found(disk, number);
    result = (gloss_disk_file){
      file->path, file->durable, file->durable_size, file->is_new,
      file->is_entered, file->is_deleted, file->change_count,
    };
  });
  return result;
}

gloss_disk_change gloss_disk_change_at(const gloss_disk *disk, size_t number, size_t change) {
  gloss_disk_change result;
  LOCKED({
    const struct file *file = found(disk, number);
    const struct change *found = &file->changes[change];
    result = (gloss_disk_change){found->offset, found->bytes, found->size};
  });
  return result;
}

bool gloss_disk_mount(gloss_disk *disk) {
  bool is_closed;
  LOCKED({
    is_closed = disk->open_count == 0;
    if (is_closed) {
      forget_files(disk);
      disk->at = 0;
      disk->has_failed = false;
      disk->is_dead = false;
    }
  });
  return is_closed;
}
