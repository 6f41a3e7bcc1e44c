#define _GNU_SOURCE
#include "CPOSIX.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

pid_t cposix_detach(void) {
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
  if (null > 2) close(null);
  return 0;
}
