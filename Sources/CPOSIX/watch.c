#define _GNU_SOURCE
#include "CPOSIX.h"

#include <stdio.h>
#include <sys/inotify.h>

int cposix_watch_open(void) { return inotify_init1(IN_NONBLOCK | IN_CLOEXEC); }

int cposix_watch_folder(int watch, const char *path) {
  return inotify_add_watch(
      watch, path, IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ONLYDIR);
}

int cposix_watch_file(int watch, int descriptor) {
  char path[40];
  snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
  return inotify_add_watch(watch, path, IN_MODIFY);
}

int cposix_watch_remove(int watch, int watched) { return inotify_rm_watch(watch, watched); }
