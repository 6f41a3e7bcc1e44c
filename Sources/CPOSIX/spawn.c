#define _GNU_SOURCE
#include "CPOSIX.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

extern char **environ;

char **cposix_environment(void) { return environ; }

int cposix_spawn(
    pid_t *pid, const char *path, char *const *arguments, char *const *environment, pid_t group,
    const char *folder, const int *descriptors, int descriptor_count) {
  if (descriptor_count < 3 || descriptor_count > cposix_max_descriptors) return EINVAL;
  int high[cposix_max_descriptors];
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  int error = posix_spawn_file_actions_init(&actions);
  if (error != 0) return error;
  error = posix_spawnattr_init(&attributes);
  if (error != 0) {
    posix_spawn_file_actions_destroy(&actions);
    return error;
  }

  // Sources move above the targets first: then no dup2 overwrites the source of a later one.
  int duplicated = 0;
  for (; duplicated < descriptor_count && error == 0; duplicated++) {
    int i = duplicated;
    if (descriptors[i] < 0) {
      high[i] = -1;
      error = posix_spawn_file_actions_addopen(&actions, i, "/dev/null", O_RDWR, 0);
      continue;
    }
    high[i] = fcntl(descriptors[i], F_DUPFD_CLOEXEC, descriptor_count);
    if (high[i] < 0) {
      error = errno;
      break;
    }
    error = posix_spawn_file_actions_adddup2(&actions, high[i], i);
  }
  if (error == 0 && folder != NULL) error = posix_spawn_file_actions_addchdir_np(&actions, folder);
  if (error == 0) error = posix_spawn_file_actions_addclosefrom_np(&actions, descriptor_count);

  short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
  sigset_t signals;
  sigemptyset(&signals);
  if (error == 0) error = posix_spawnattr_setsigmask(&attributes, &signals);
  sigfillset(&signals);
  if (error == 0) error = posix_spawnattr_setsigdefault(&attributes, &signals);
  if (group >= 0) {
    flags |= POSIX_SPAWN_SETPGROUP;
    if (error == 0) error = posix_spawnattr_setpgroup(&attributes, group);
  }
  if (error == 0) error = posix_spawnattr_setflags(&attributes, flags);
  if (error == 0) error = posix_spawn(pid, path, &actions, &attributes, arguments, environment);

  for (int i = 0; i < duplicated; i++) {
    if (high[i] >= 0) close(high[i]);
  }
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return error;
}
