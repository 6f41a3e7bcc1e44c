#define _GNU_SOURCE
#include "CPOSIX.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

static int name_of(const char *path, struct sockaddr_un *name) {
  size_t length = strlen(path);
  if (length >= sizeof name->sun_path) {
    errno = ENAMETOOLONG;
    return -1;
  }
  memset(name, 0, sizeof *name);
  name->sun_family = AF_UNIX;
  memcpy(name->sun_path, path, length);
  return 0;
}

// Closes without touching errno.
static int give_up(int descriptor) {
  int error = errno;
  close(descriptor);
  errno = error;
  return -1;
}

int cposix_local_listen(const char *path, mode_t mode, int backlog) {
  struct sockaddr_un name;
  if (name_of(path, &name) < 0) return -1;
  int made = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (made < 0) return -1;
  // The file gets the mode that the socket has when it is bound, so there is no moment in which it is wider.
  if (fchmod(made, mode) < 0 || bind(made, (struct sockaddr *)&name, sizeof name) < 0) return give_up(made);
  if (listen(made, backlog) < 0) {
    int error = errno;
    unlink(path);
    errno = error;
    return give_up(made);
  }
  return made;
}

int cposix_local_accept(int listener) {
  int accepted;
  do {
    accepted = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  } while (accepted < 0 && (errno == EINTR || errno == ECONNABORTED));
  return accepted;
}

int cposix_local_connect(const char *path, int64_t timeout) {
  struct sockaddr_un name;
  if (name_of(path, &name) < 0) return -1;
  int made = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (made < 0) return -1;
  // A zero would be no limit.
  if (timeout < 1000) timeout = 1000;
  struct timeval limit = {.tv_sec = timeout / 1000000000, .tv_usec = timeout % 1000000000 / 1000};
  if (setsockopt(made, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) < 0) return give_up(made);
  if (connect(made, (struct sockaddr *)&name, sizeof name) < 0) return give_up(made);
  return made;
}

int cposix_local_peer(int socket, pid_t *pid, uid_t *user, gid_t *group) {
  struct ucred found;
  socklen_t size = sizeof found;
  if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &found, &size) < 0) return -1;
  *pid = found.pid;
  *user = found.uid;
  *group = found.gid;
  return 0;
}
