#define _GNU_SOURCE
#include "CPOSIX.h"

#include <errno.h>
#include <sched.h>
#include <unistd.h>



int cposix_set_processors(const int *processors, int count) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (int index = 0; index < count; index++) {
    if (processors[index] < 0 || processors[index] >= CPU_SETSIZE) {
      errno = EINVAL;
      return -1;
    }
    CPU_SET(processors[index], &set);
  }
  return sched_setaffinity(0, sizeof set, &set);
}

int cposix_add_niceness(int increment) {
  // -1 is a niceness, too.
  errno = 0;
  return nice(increment) == -1 && errno != 0 ? -1 : 0;
}
