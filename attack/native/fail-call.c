// Preloaded into a process (LD_PRELOAD), makes one of its system calls on files fail.
//
//   FAIL_UNDER    text that the file's path must contain
//   FAIL_CONTROL  file of 32-bit integers, shared with the process that decides: the kind of call, the number of the call that fails (0 for
//                 none), its errno, a descriptor of a full disk (-1 for none), and the numbers of calls of each kind so far
//
// "short" is a write of which half is taken; the next one to the same file fails.
//
//   cc -shared -fPIC -O1 -o fail-call.so fail-call.c -ldl

#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind { OPEN_TO_READ, OPEN_TO_WRITE, READ, WRITE, SHORT, SYNC, RENAME, MKDIR, DELETE, STAT, LIST, TRUNCATE, LINK, REALPATH, TIMES, KINDS };
struct control {
  int kind, turn, code, full, counts[KINDS];
};
static struct control none = {.full = -1};
static volatile struct control *control = &none;
static const char *under;

__attribute__((constructor)) static void start(void) {
  const char *file = getenv("FAIL_CONTROL");
  int fd = file ? (int)syscall(SYS_openat, AT_FDCWD, file, O_RDWR) : -1;
  void *shared = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof none, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (shared == MAP_FAILED) return;
  control = shared;
  under = getenv("FAIL_UNDER");
}

/** Whether this call is the one that fails. */
static int fails(enum kind kind, const char *path) {
  if (!under || !path || !strstr(path, under)) return 0;
  if (__sync_add_and_fetch(&control->counts[kind], 1) != control->turn || (int)kind != control->kind) return 0;
  errno = control->code;
  return 1;
}

static const char *path_of(int fd, char *buffer) {
  char link[40];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, buffer, 4095);
  if (length < 0) return NULL;
  buffer[length] = 0;
  return buffer;
}

static int fails_on(enum kind kind, int fd) {
  char buffer[4096];
  return under && fails(kind, path_of(fd, buffer));
}

/** Writes that count: those of at least a byte. Returns -1 to fail, 0 to go on, and else the bytes to take. */
static ssize_t taken(int fd, size_t length) {
  if (fd == control->full) {
    errno = control->code;
    return -1;
  }
  if (length < 2) return 0;
  if (fails_on(WRITE, fd)) return -1;
  if (!fails_on(SHORT, fd)) return 0;
  control->full = fd;
  return length / 2;
}

#define REAL(type, name, ...) ((type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name))

ssize_t write(int fd, const void *data, size_t length) {
  ssize_t part = taken(fd, length);
  return part < 0 ? -1 : REAL(ssize_t, write, int, const void *, size_t)(fd, data, part ? (size_t)part : length);
}
#define PWRITE(name, off)                                                                                         \
  ssize_t name(int fd, const void *data, size_t length, off at) {                                                 \
    ssize_t part = taken(fd, length);                                                                             \
    return part < 0 ? -1 : REAL(ssize_t, name, int, const void *, size_t, off)(fd, data, part ? (size_t)part : length, at); \
  }
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)
#define FAIL_FD(type, kind, name, parameters, values, types) \
  type name parameters { return fails_on(kind, fd) ? -1 : REAL(type, name, types) values; }
#define COMMA ,
FAIL_FD(ssize_t, WRITE, writev, (int fd, const struct iovec *v, int n), (fd, v, n), int COMMA const struct iovec * COMMA int)
FAIL_FD(ssize_t, WRITE, pwritev, (int fd, const struct iovec *v, int n, off_t at), (fd, v, n, at), int COMMA const struct iovec * COMMA int COMMA off_t)
FAIL_FD(ssize_t, WRITE, pwritev64, (int fd, const struct iovec *v, int n, off64_t at), (fd, v, n, at), int COMMA const struct iovec * COMMA int COMMA off64_t)
FAIL_FD(ssize_t, READ, read, (int fd, void *data, size_t length), (fd, data, length), int COMMA void * COMMA size_t)
FAIL_FD(ssize_t, READ, pread, (int fd, void *data, size_t length, off_t at), (fd, data, length, at), int COMMA void * COMMA size_t COMMA off_t)
FAIL_FD(ssize_t, READ, pread64, (int fd, void *data, size_t length, off64_t at), (fd, data, length, at), int COMMA void * COMMA size_t COMMA off64_t)
FAIL_FD(int, SYNC, fsync, (int fd), (fd), int)
FAIL_FD(int, SYNC, fdatasync, (int fd), (fd), int)
FAIL_FD(int, TRUNCATE, ftruncate, (int fd, off_t length), (fd, length), int COMMA off_t)
FAIL_FD(int, TRUNCATE, ftruncate64, (int fd, off64_t length), (fd, length), int COMMA off64_t)

#define FAIL_PATH(kind, name, parameters, values, types) \
  int name parameters { return fails(kind, path) ? -1 : REAL(int, name, types) values; }
FAIL_PATH(RENAME, rename, (const char *path, const char *to), (path, to), const char * COMMA const char *)
FAIL_PATH(MKDIR, mkdir, (const char *path, mode_t mode), (path, mode), const char * COMMA mode_t)
FAIL_PATH(DELETE, unlink, (const char *path), (path), const char *)
FAIL_PATH(DELETE, rmdir, (const char *path), (path), const char *)
int symlink(const char *to, const char *path) {
  return fails(LINK, path) ? -1 : REAL(int, symlink, const char *, const char *)(to, path);
}
int utimensat(int at, const char *path, const struct timespec times[2], int flags) {
  return fails(TIMES, path) ? -1 : REAL(int, utimensat, int, const char *, const struct timespec *, int)(at, path, times, flags);
}
char *realpath(const char *path, char *resolved) {
  return fails(REALPATH, path) ? NULL : REAL(char *, realpath, const char *, char *)(path, resolved);
}
#define SCANDIR(name, entry)                                                                                                       \
  int name(const char *path, struct entry ***list, int (*choose)(const struct entry *), int (*compare)(const struct entry **, const struct entry **)) { \
    return fails(LIST, path) ? -1                                                                                                  \
                             : REAL(int, name, const char *, struct entry ***, int (*)(const struct entry *),                      \
                                    int (*)(const struct entry **, const struct entry **))(path, list, choose, compare);           \
  }
SCANDIR(scandir, dirent)
SCANDIR(scandir64, dirent64)

static enum kind kind_of(int flags) { return (flags & O_ACCMODE) == O_RDONLY && !(flags & O_CREAT) ? OPEN_TO_READ : OPEN_TO_WRITE; }
#define OPEN(name)                                                                        \
  int name(const char *path, int flags, ...) {                                            \
    va_list rest;                                                                         \
    va_start(rest, flags);                                                                \
    mode_t mode = va_arg(rest, mode_t);                                                   \
    va_end(rest);                                                                         \
    return fails(kind_of(flags), path) ? -1 : REAL(int, name, const char *, int, ...)(path, flags, mode); \
  }
OPEN(open)
OPEN(open64)

// libuv calls statx by its number.
long syscall(long number, ...) {
  long a[6];
  va_list rest;
  va_start(rest, number);
  for (int i = 0; i < 6; i++) a[i] = va_arg(rest, long);
  va_end(rest);
  if (number == SYS_statx && under && *(const char *)a[1] && fails(STAT, (const char *)a[1])) return -1;
  return REAL(long, syscall, long, long, long, long, long, long, long)(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
