#define _GNU_SOURCE
#include "CPOSIX.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static pid_t guarded_parent;
static pid_t owner;
static int guards_group;
static int ends_descendants;
static volatile sig_atomic_t cleans;
static char cleanup_path[PATH_MAX];
static char cleanup_folder[PATH_MAX];
static char cleanup_owned[PATH_MAX];

int cposix_orphan_signal(void) { return SIGRTMIN + 1; }

// Whether the process that the folder belongs to has ended. Also true while it is in the middle of ending: its
// descriptors are closed some time before its children get a new parent. Async-signal-safe, hence by hand.
static int owner_is_gone(void) {
  char path[32] = "/proc/";
  char digits[12];
  int count = 0;
  for (pid_t rest = owner; rest > 0; rest /= 10) digits[count++] = (char)('0' + rest % 10);
  size_t length = strlen(path);
  while (count > 0) path[length++] = digits[--count];
  memcpy(path + length, "/stat", 6);
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return 1;
  char text[512];
  ssize_t size = read(file, text, sizeof text - 1);
  close(file);
  if (size <= 0) return 1;
  text[size] = 0;
  // "pid (name) state ppid group session terminal foreground flags ..."; the name may hold anything.
  const char *field = strrchr(text, ')');
  if (field == NULL || field[1] != ' ') return 1;
  field += 2;
  char state = *field;
  for (int skipped = 0; skipped < 6; skipped++) {
    field = strchr(field, ' ');
    if (field == NULL) return 1;
    field++;
  }
  unsigned flags = 0;
  for (; *field >= '0' && *field <= '9'; field++) flags = flags * 10 + (unsigned)(*field - '0');
  enum { exiting = 0x4 };  // PF_EXITING
  return state == 'Z' || state == 'X' || (flags & exiting) != 0;
}

// Async-signal-safe. A dead fork server is no reason to take the folder from those who still use it.
static void clean_up(void) {
  if (cleanup_path[0] != 0) unlink(cleanup_path);
  if (cleanup_folder[0] == 0 || !owner_is_gone()) return;
  if (cleanup_owned[0] != 0) unlink(cleanup_owned);
  rmdir(cleanup_folder);
}

// Async-signal-safe. Kills the children that the kernel lists, takes over those that these leave, and so on. What
// does not die at once is left: the group is killed next.
static void end_descendants(void) {
  char path[64] = "/proc/self/task/";
  char digits[12];
  int count = 0;
  for (pid_t rest = getpid(); rest > 0; rest /= 10) digits[count++] = (char)('0' + rest % 10);
  size_t length = strlen(path);
  while (count > 0) path[length++] = digits[--count];
  memcpy(path + length, "/children", 10);
  struct timespec moment = {0, 1000000};
  for (int round = 0; round < 200; round++) {
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return;
    char text[4096];
    ssize_t size = read(file, text, sizeof text);
    close(file);
    if (size <= 0) return;
    pid_t pid = 0;
    for (ssize_t place = 0; place < size; place++) {
      if (text[place] >= '0' && text[place] <= '9') {
        pid = pid * 10 + (text[place] - '0');
        continue;
      }
      if (pid > 0) kill(pid, SIGKILL);
      pid = 0;
    }
    while (waitpid(-1, NULL, WNOHANG) > 0) {
    }
    nanosleep(&moment, NULL);
  }
}

void cposix_end_descendants_of_orphan(void) { ends_descendants = 1; }

// Async-signal-safe. The signal also comes when only the thread that started us ended: then the parent is
// still there, and nothing happens.
static void end_orphan(int signal) {
  (void)signal;
  int before = errno;
  if (getppid() == guarded_parent) {
    errno = before;
    return;
  }
  if (cleans) clean_up();
  if (ends_descendants) end_descendants();
  if (guards_group) kill(0, SIGKILL);
  kill(getpid(), SIGKILL);
}

int cposix_guard_orphan(pid_t expected_parent, int leads_group) {
  guarded_parent = expected_parent;
  owner = expected_parent;
  guards_group = leads_group;
  ends_descendants = 0;
  cleans = 0;
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = end_orphan;
  action.sa_flags = SA_RESTART;
  sigfillset(&action.sa_mask);
  // The handler comes before the request. Without it the signal's default action ends the process.
  if (sigaction(cposix_orphan_signal(), &action, NULL) != 0) return -1;
  if (prctl(PR_SET_PDEATHSIG, cposix_orphan_signal()) != 0) return -1;
  // The parent may have died before the request. Its pid is compared, not 1: a subreaper adopts too.
  if (getppid() != expected_parent) end_orphan(0);
  return 0;
}

int cposix_set_orphan_cleanup(const char *path, const char *folder, const char *owned) {
  size_t path_length = path ? strlen(path) : 0;
  size_t folder_length = folder ? strlen(folder) : 0;
  size_t owned_length = owned ? strlen(owned) : 0;
  if (path_length >= sizeof cleanup_path || folder_length >= sizeof cleanup_folder ||
      owned_length >= sizeof cleanup_owned) {
    errno = ENAMETOOLONG;
    return -1;
  }
  cleans = 0;
  memcpy(cleanup_path, path ? path : "", path_length + 1);
  memcpy(cleanup_folder, folder ? folder : "", folder_length + 1);
  memcpy(cleanup_owned, owned ? owned : "", owned_length + 1);
  cleans = path_length > 0 || folder_length > 0;
  return 0;
}

void cposix_set_owner(pid_t pid) { owner = pid; }

void cposix_end_own(void) {
  if (guarded_parent == 0) return;
  if (cleans) clean_up();
  if (!guards_group) return;
  // The group is left before it is killed, so that the own status stays what it is. In the parent's group
  // the terminal's signals reach us for a moment.
  signal(SIGINT, SIG_IGN);
  signal(SIGQUIT, SIG_IGN);
  signal(SIGTERM, SIG_IGN);
  signal(SIGHUP, SIG_IGN);
  signal(SIGTSTP, SIG_IGN);
  pid_t own = getpid();
  // Only an orphan can be where its parent's group is out of reach; nobody reads its status.
  if (setpgid(0, getpgid(getppid())) != 0) kill(0, SIGKILL);
  kill(-own, SIGKILL);
}

int cposix_become_subreaper(void) {
  // An ignored SIGCHLD, which a shell may leave behind, would make the kernel throw statuses away.
  if (cposix_reset_signal(SIGCHLD) != 0) return -1;
  return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
}

int cposix_set_name(const char *name) { return prctl(PR_SET_NAME, name, 0, 0, 0); }
