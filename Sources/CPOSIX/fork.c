#define _GNU_SOURCE
#include "CPOSIX.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// Runs in a forked child: ends it with a line that the parent captures.
static _Noreturn void fail(int standard_error, const char *call) {
  char line[256];
  int length = snprintf(
      line, sizeof line, "child setup failed: '%s' system call failed with '(%d) %s'.\n", call, errno,
      strerrorname_np(errno));
  if (length > 0) {
    ssize_t ignored = write(standard_error, line, (size_t)length);
    (void)ignored;
  }
  _exit(126);
}

static void arrange(const int *from, int count, int keeps_others) {
  int high[cposix_max_descriptors];
  int standard_error = from[2] >= 0 ? from[2] : 2;
  for (int i = 0; i < count; i++) {
    if (from[i] >= 0) {
      high[i] = fcntl(from[i], F_DUPFD_CLOEXEC, count);
    } else {
      int null = open("/dev/null", O_RDWR | O_CLOEXEC);
      high[i] = null < 0 || null >= count ? null : fcntl(null, F_DUPFD_CLOEXEC, count);
    }
    if (high[i] < 0) fail(standard_error, from[i] >= 0 ? "fcntl" : "open");
  }
  for (int i = 0; i < count; i++) {
    if (dup3(high[i], i, i < 3 ? 0 : O_CLOEXEC) < 0) fail(standard_error, "dup3");
  }
  if (keeps_others) {
    for (int i = 0; i < count; i++) {
      if (high[i] >= count) close(high[i]);
    }
  } else if (close_range((unsigned)count, ~0U, 0) != 0) {
    fail(2, "close_range");
  }
}

static void reset_signals(void) {
  struct sigaction by_default;
  memset(&by_default, 0, sizeof by_default);
  by_default.sa_handler = SIG_DFL;
  for (int signal = 1; signal <= SIGRTMAX; signal++) {
    // Refused for SIGKILL, SIGSTOP and the two that glibc keeps for itself.
    sigaction(signal, &by_default, NULL);
  }
}

pid_t cposix_fork(const struct cposix_child_plan *plan, void (*entry)(void *), void *context) {
  if (plan->descriptor_count < 3 || plan->descriptor_count > cposix_max_descriptors) {
    errno = EINVAL;
    return -1;
  }
  // No handler of the parent may run in the child before its dispositions are reset.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pid_t parent = getpid();
  pid_t child = fork();
  if (child != 0) {
    int reason = errno;
    // Both sides set the group, so that neither has to wait for the other.
    if (child > 0) setpgid(child, plan->group == 0 ? child : plan->group);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = reason;
    return child;
  }

  __fpurge(stdin);
  __fpurge(stdout);
  __fpurge(stderr);
  reset_signals();
  int standard_error = plan->descriptors[2] >= 0 ? plan->descriptors[2] : 2;
  if (setpgid(0, plan->group) != 0) fail(standard_error, "setpgid");
  if (cposix_guard_orphan(parent, plan->group == 0) != 0) fail(standard_error, "prctl");
  cposix_set_name(plan->name);
  arrange(plan->descriptors, plan->descriptor_count, plan->keeps_others);
  sigset_t none;
  sigemptyset(&none);
  pthread_sigmask(SIG_SETMASK, &none, NULL);
  entry(context);
  _exit(125);
}

_Noreturn void cposix_exit_child(int status) {
  fflush(stdout);
  fflush(stderr);
  cposix_end_own();
  _exit(status);
}
