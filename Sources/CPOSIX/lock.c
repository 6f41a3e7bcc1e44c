#define _GNU_SOURCE
#include "CPOSIX.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static int set_lock(int descriptor, short type) {
  struct flock lock;
  memset(&lock, 0, sizeof lock);
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  return fcntl(descriptor, F_OFD_SETLK, &lock);
}

int cposix_try_lock(int descriptor) {
  if (set_lock(descriptor, F_WRLCK) == 0) return 1;
  return errno == EAGAIN || errno == EACCES ? 0 : -1;
}

int cposix_unlock(int descriptor) { return set_lock(descriptor, F_UNLCK); }
