#define _GNU_SOURCE
#include "CPOSIX.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

pid_t cposix_detach(int kept) {
  // What is buffered here would be written twice.
  fflush(stdout);
  fflush(stderr);
  pid_t copy = fork();
  if (copy != 0) return copy;
  setsid();
  signal(SIGHUP, SIG_IGN);
  int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (null < 0) _exit(126);
  for (int stream = 0; stream < 3; stream++) {
    if (dup2(null, stream) < 0) _exit(126);
  }
  // Whatever else this process was given belongs to whoever gave it.
  if (kept > 3 && close_range(3, (unsigned)kept - 1, 0) != 0) _exit(126);
  if (close_range(kept < 3 ? 3 : (unsigned)kept + 1, ~0U, 0) != 0) _exit(126);
  return 0;
}
