/* A disk that is full while a file says so: for tests, by LD_PRELOAD. Files under CONFAB_DATA take no more bytes as long as
 * $CONFAB_DATA.full exists; all else is as it was. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static int full(int fd) {
  const char *data = getenv("CONFAB_DATA");
  char flag[PATH_MAX], link[64], path[PATH_MAX];
  if (data == NULL) return 0;
  snprintf(flag, sizeof flag, "%s.full", data);
  if (access(flag, F_OK) != 0) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = '\0';
  return strncmp(path, data, strlen(data)) == 0 && path[strlen(data)] == '/';
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define REFUSE(fd, value) if (full(fd)) { errno = ENOSPC; return value; }

ssize_t write(int fd, const void *bytes, size_t count) { REFUSE(fd, -1); return NEXT(write)(fd, bytes, count); }
ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at) { REFUSE(fd, -1); return NEXT(pwrite)(fd, bytes, count, at); }
ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t at) { REFUSE(fd, -1); return NEXT(pwrite64)(fd, bytes, count, at); }
int posix_fallocate(int fd, off_t at, off_t count) { if (full(fd)) return ENOSPC; return NEXT(posix_fallocate)(fd, at, count); }
int fallocate(int fd, int mode, off_t at, off_t count) { REFUSE(fd, -1); return NEXT(fallocate)(fd, mode, at, count); }
