// Preloaded into a process, it logs what that process does to the files of a folder, so that the disk can be put together as a power
// cut would have left it: cc -shared -fPIC -O2 -o recorder.so recorder.c -ldl; RECORDER_FOLDER=… RECORDER_LOG=… LD_PRELOAD=recorder.so …
// A line of the log is `kind file offset length` (kind: w write, t truncate to offset, s sync, u unlink, r rename to the file whose
// name follows, o bytes to standard output) and, for w, r and o, `length` bytes behind it. Maps are not logged: SQLite maps its shared
// index only, which no power cut outlives.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int out = -2;

static const char *next_path(const char *path) {
  const char *folder = getenv("RECORDER_FOLDER");
  return folder && path && !strncmp(path, folder, strlen(folder)) && path[strlen(folder)] == '/' ? path + strlen(folder) + 1 : NULL;
}

static ssize_t (*real_write)(int, const void *, size_t);

static void note(char kind, const char *file, long offset, const void *bytes, size_t length) {
  if (!real_write) real_write = dlsym(RTLD_NEXT, "write");
  if (out == -2) {
    const char *log = getenv("RECORDER_LOG");
    int (*real_open)(const char *, int, ...) = dlsym(RTLD_NEXT, "open");
    out = log ? real_open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
  }
  if (out < 0) return;
  char head[4300];
  int count = snprintf(head, sizeof head, "%c %s %ld %zu\n", kind, file, offset, length);
  struct iovec parts[2] = {{head, (size_t)count}, {(void *)bytes, length}};
  if (writev(out, parts, length ? 2 : 1) < 0) _exit(99);
}

/// The name, below the folder, of the file that a descriptor stands for; 0 where it is none.
static int name_of(int descriptor, char *name, size_t size) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  ssize_t count = readlink(link, path, sizeof path - 1);
  if (count <= 0) return 0;
  path[count] = 0;
  const char *short_name = next_path(path);
  if (!short_name || strlen(short_name) >= size || strstr(short_name, "-shm")) return 0;
  strcpy(name, short_name);
  return 1;
}

#define REAL(type, name, ...) \
  static type (*real)(__VA_ARGS__); \
  if (!real) real = dlsym(RTLD_NEXT, name)

#define LOGGED(call, kind, offset, bytes, length) \
  char file[4096]; \
  pthread_mutex_lock(&lock); \
  long done = (long)(call); \
  if (done >= 0 && name_of(descriptor, file, sizeof file)) note(kind, file, offset, bytes, length); \
  pthread_mutex_unlock(&lock); \
  return done

ssize_t pwrite64(int descriptor, const void *bytes, size_t length, off_t offset) {
  REAL(ssize_t, "pwrite64", int, const void *, size_t, off_t);
  LOGGED(real(descriptor, bytes, length, offset), 'w', offset, bytes, (size_t)done);
}

ssize_t pwrite(int descriptor, const void *bytes, size_t length, off_t offset) { return pwrite64(descriptor, bytes, length, offset); }

ssize_t write(int descriptor, const void *bytes, size_t length) {
  REAL(ssize_t, "write", int, const void *, size_t);
  off_t offset = lseek(descriptor, 0, SEEK_CUR);
  LOGGED(real(descriptor, bytes, length), 'w', offset, bytes, (size_t)done);
}

/// stdio writes past the symbol `write`.
size_t fwrite(const void *bytes, size_t size, size_t count, FILE *stream) {
  REAL(size_t, "fwrite", const void *, size_t, size_t, FILE *);
  size_t done = real(bytes, size, count, stream);
  if (stream == stdout) {
    pthread_mutex_lock(&lock);
    note('o', "-", 0, bytes, done * size);
    pthread_mutex_unlock(&lock);
  }
  return done;
}

int ftruncate64(int descriptor, off_t size) {
  REAL(int, "ftruncate64", int, off_t);
  LOGGED(real(descriptor, size), 't', size, NULL, 0);
}

int ftruncate(int descriptor, off_t size) { return ftruncate64(descriptor, size); }

int fsync(int descriptor) {
  REAL(int, "fsync", int);
  LOGGED(real(descriptor), 's', 0, NULL, 0);
}

int fdatasync(int descriptor) {
  REAL(int, "fdatasync", int);
  LOGGED(real(descriptor), 's', 0, NULL, 0);
}

int unlink(const char *path) {
  REAL(int, "unlink", const char *);
  pthread_mutex_lock(&lock);
  int done = real(path);
  const char *name = next_path(path);
  if (!done && name && !strstr(name, "-shm")) note('u', name, 0, NULL, 0);
  pthread_mutex_unlock(&lock);
  return done;
}

int rename(const char *from, const char *to) {
  REAL(int, "rename", const char *, const char *);
  pthread_mutex_lock(&lock);
  int done = real(from, to);
  const char *name = next_path(from), *target = next_path(to);
  if (!done && name && target) note('r', name, 0, target, strlen(target));
  pthread_mutex_unlock(&lock);
  return done;
}
