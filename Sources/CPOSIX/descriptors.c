#define _GNU_SOURCE
#include "CPOSIX.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

int cposix_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

int cposix_socketpair(int sequenced, int ends[2]) {
  return socketpair(AF_UNIX, (sequenced ? SOCK_SEQPACKET : SOCK_STREAM) | SOCK_CLOEXEC, 0, ends);
}

int cposix_openat(int folder, const char *path, int flags, mode_t mode) {
  int opened;
  do {
    opened = openat(folder, path, flags | O_CLOEXEC, mode);
  } while (opened < 0 && errno == EINTR);
  return opened;
}

int cposix_memfd(const char *name) { return memfd_create(name, MFD_CLOEXEC); }

int cposix_duplicate(int descriptor, int at_least) {
  return fcntl(descriptor, F_DUPFD_CLOEXEC, at_least);
}

int cposix_set_nonblocking(int descriptor, int on) {
  int flags = fcntl(descriptor, F_GETFL);
  if (flags < 0) return -1;
  int wanted = on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK;
  return wanted == flags ? 0 : fcntl(descriptor, F_SETFL, wanted);
}

int cposix_start_writeback(int descriptor, long long offset, long long count) {
  return sync_file_range(descriptor, offset, count, SYNC_FILE_RANGE_WRITE);
}

ssize_t cposix_splice(int pipe, int file, long long offset, size_t count) {
  off_t at = offset;
  ssize_t moved;
  do {
    moved = splice(pipe, NULL, file, &at, count, SPLICE_F_NONBLOCK | SPLICE_F_MOVE);
  } while (moved < 0 && errno == EINTR);
  return moved;
}

int cposix_set_close_on_exec(int descriptor, int on) {
  return fcntl(descriptor, F_SETFD, on ? FD_CLOEXEC : 0);
}

_Static_assert(sizeof(struct cposix_poll_entry) == sizeof(struct pollfd), "the entries are pollfd");

int cposix_poll(struct cposix_poll_entry *entries, size_t count, int64_t timeout) {
  struct timespec limit = {.tv_sec = timeout / 1000000000, .tv_nsec = timeout % 1000000000};
  return ppoll((struct pollfd *)entries, count, timeout < 0 ? NULL : &limit, NULL);
}

const char *cposix_error_name(int number) { return strerrorname_np(number); }

const char *cposix_signal_name(int number) { return sigabbrev_np(number); }
