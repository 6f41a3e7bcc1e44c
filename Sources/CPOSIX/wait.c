#define _GNU_SOURCE
#include "CPOSIX.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// Linux's own waitid also fills resource usage, with WNOWAIT too; glibc's has no place for it.
int cposix_wait(enum cposix_wait_target target, int id, int reap, struct cposix_exit *ended) {
  siginfo_t info;
  struct rusage usage;
  memset(&info, 0, sizeof info);
  memset(&usage, 0, sizeof usage);
  int kind = target == cposix_wait_any ? P_ALL : target == cposix_wait_pid ? P_PID : P_PIDFD;
  int options = WEXITED | WNOHANG | (reap ? 0 : WNOWAIT);
  if (syscall(SYS_waitid, kind, id, &info, options, &usage) != 0) return -1;
  if (info.si_pid == 0) return 0;
  ended->pid = info.si_pid;
  ended->status = info.si_code == CLD_EXITED ? info.si_status : -info.si_status;
  ended->dumped_core = info.si_code == CLD_DUMPED;
  ended->user_microseconds = (uint64_t)usage.ru_utime.tv_sec * 1000000 + (uint64_t)usage.ru_utime.tv_usec;
  ended->system_microseconds =
      (uint64_t)usage.ru_stime.tv_sec * 1000000 + (uint64_t)usage.ru_stime.tv_usec;
  ended->peak_resident_bytes = (uint64_t)usage.ru_maxrss * 1024;
  return 1;
}

int cposix_pidfd_open(pid_t pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

int cposix_pidfd_send_signal(int pidfd, int signal) {
  return (int)syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0);
}
