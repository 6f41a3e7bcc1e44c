#define _GNU_SOURCE
#include "CPOSIX.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

static int hold(sigset_t *set, const int *signals, int count) {
  sigemptyset(set);
  for (int i = 0; i < count; i++) {
    if (sigaddset(set, signals[i]) != 0) return -1;
  }
  int error = pthread_sigmask(SIG_BLOCK, set, NULL);
  if (error != 0) errno = error;
  return error == 0 ? 0 : -1;
}

int cposix_hold_signals(const int *signals, int count) {
  sigset_t set;
  return hold(&set, signals, count);
}

int cposix_signalfd(const int *signals, int count) {
  sigset_t set;
  if (hold(&set, signals, count) != 0) return -1;
  return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

int cposix_read_signal(int descriptor, pid_t *sender) {
  struct signalfd_siginfo info;
  ssize_t size;
  do {
    size = read(descriptor, &info, sizeof info);
  } while (size < 0 && errno == EINTR);
  if (size < 0) return errno == EAGAIN ? 0 : -1;
  *sender = (pid_t)info.ssi_pid;
  return (int)info.ssi_signo;
}

int cposix_reset_signal(int signal) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = SIG_DFL;
  if (sigaction(signal, &action, NULL) != 0) return -1;
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, signal);
  int error = pthread_sigmask(SIG_UNBLOCK, &set, NULL);
  if (error != 0) errno = error;
  return error == 0 ? 0 : -1;
}

int cposix_ignore_signal(int signal_number) {
  return signal(signal_number, SIG_IGN) == SIG_ERR ? -1 : 0;
}

int cposix_is_ignored(int signal_number) {
  struct sigaction action;
  return sigaction(signal_number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}
