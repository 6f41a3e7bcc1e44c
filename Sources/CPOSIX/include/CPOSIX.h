#pragma once
// What Swift can't do or can't name on Linux: the code between fork and a child's entry, and calls that
// glibc shows under _GNU_SOURCE only. No logic beyond that. Unless said otherwise a function returns -1 and
// sets errno when it fails.

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// How a child is arranged before its own code runs.
struct cposix_child_plan {
  /// 0: lead a group of its own. Otherwise the group to join.
  pid_t group;
  /// The child's descriptor i is a duplicate of descriptors[i]; -1 stands for /dev/null. At least three. All
  /// others are closed, or stay as they are where keeps_others is set. After cposix_fork those from 3 on are
  /// close-on-exec.
  const int *_Nonnull descriptors;
  int descriptor_count;
  int keeps_others;
  /// Shown by ps as the command's short name (15 bytes).
  const char *_Nonnull name;
};

/// The most descriptors that a plan may hold (SCM_RIGHTS carries 253 at once).
enum { cposix_max_descriptors = 240 };

/// fork.c: glibc's fork(). The child gets default signal dispositions, an empty signal mask, its group, the
/// orphan guard and the planned descriptors, then calls entry(context), which must not return. Buffered
/// output of the parent is discarded in the child, so nothing is written twice.
pid_t cposix_fork(
    const struct cposix_child_plan *_Nonnull plan, void (*_Nonnull entry)(void *_Nullable),
    void *_Nullable context);

/// Writes out stdout and stderr, ends what this process leads (cposix_end_own) and then the process, without
/// running exit handlers.
_Noreturn void cposix_exit_child(int status);

/// detach.c: a copy of this process that outlives it and its terminal: it leads a session of its own, has SIGHUP
/// ignored, its standard streams are /dev/null, and of the other descriptors it has the kept one only. Only for a
/// process with one thread. Returns the copy's pid here and 0 in the copy.
pid_t cposix_detach(int kept);

/// spawn.c: posix_spawn with the same plan (all but the name and the orphan guard, which the new program
/// arranges itself). group -1: stay in the caller's group. folder NULL: stay in the caller's working folder.
/// Returns 0 or an error number.
int cposix_spawn(
    pid_t *_Nonnull pid, const char *_Nonnull path, char *_Nullable const *_Nonnull arguments,
    char *_Nullable const *_Nullable environment, pid_t group, const char *_Nullable folder,
    const int *_Nonnull descriptors, int descriptor_count);

/// The caller's environment, for cposix_spawn.
char *_Nullable *_Nonnull cposix_environment(void);

/// orphan.c: the signal that the kernel sends to a guarded process when its parent dies.
int cposix_orphan_signal(void);

/// Ends this process when expected_parent is gone: now, if it is gone already. With leads_group its whole
/// process group ends with it.
int cposix_guard_orphan(pid_t expected_parent, int leads_group);

/// The process whose death makes the cleanup folder useless: the expected parent unless told otherwise (a
/// fork server's child names the server's owner).
void cposix_set_owner(pid_t pid);

/// For a guarded process that is about to exit: removes the cleanup file (and its folder, if the owner is gone)
/// and kills all others in the group that it leads. A worker sees the end of its control channel before the
/// kernel tells of the parent's death, so an orderly exit must not leave anything to that notice.
void cposix_end_own(void);

/// What an orphan removes before it ends: one file; then, once the folder's owner is gone, the file that was the
/// owner's, and the folder that held them. NULL: nothing.
int cposix_set_orphan_cleanup(
    const char *_Nullable path, const char *_Nullable folder, const char *_Nullable owned);

/// From now on a guarded process that ends as an orphan, and is a subreaper, kills all of its descendants first,
/// whatever group or session they are in.
void cposix_end_descendants_of_orphan(void);

/// Orphans among the descendants become children of this process.
int cposix_become_subreaper(void);

/// KILL for 9; NULL for an unknown number.
const char *_Nullable cposix_signal_name(int number);
/// ENOENT for 2; NULL for an unknown number.
const char *_Nullable cposix_error_name(int number);

/// Sets the short name that ps shows.
int cposix_set_name(const char *_Nonnull name);

/// wait.c: how a process ended.
struct cposix_exit {
  pid_t pid;
  /// N for exit N, -N for signal N.
  int status;
  int dumped_core;
  uint64_t user_microseconds;
  uint64_t system_microseconds;
  uint64_t peak_resident_bytes;
};

enum cposix_wait_target { cposix_wait_any, cposix_wait_pid, cposix_wait_pidfd };

/// Looks for an exit without waiting. 1: *ended is filled (and, with reap, the zombie is gone); 0: not yet.
int cposix_wait(
    enum cposix_wait_target target, int id, int reap, struct cposix_exit *_Nonnull ended);

int cposix_pidfd_open(pid_t pid);
int cposix_pidfd_send_signal(int pidfd, int signal);

/// rights.c: one message with descriptors, over a Unix socket. Never raises SIGPIPE.
ssize_t cposix_send_rights(
    int socket, const void *_Nonnull bytes, size_t count, const int *_Nullable descriptors,
    int descriptor_count);

/// Receives one message; descriptors arrive close-on-exec. Fails with EMSGSIZE when either part was cut.
ssize_t cposix_receive_rights(
    int socket, void *_Nonnull bytes, size_t capacity, int *_Nonnull descriptors,
    int descriptor_capacity, int *_Nonnull descriptor_count);

/// local.c: Unix stream sockets at a path. ENAMETOOLONG for one of more than 107 bytes.
/// A non-blocking listener; its file has this mode from the first moment.
int cposix_local_listen(const char *_Nonnull path, mode_t mode, int backlog);
/// A connection that is non-blocking.
int cposix_local_accept(int listener);
/// A connection that blocks. EAGAIN when the listener's queue had no room for so many nanoseconds.
int cposix_local_connect(const char *_Nonnull path, int64_t timeout);
/// Who is at the other end, as it was when it connected or listened.
int cposix_local_peer(
    int socket, pid_t *_Nonnull pid, uid_t *_Nonnull user, gid_t *_Nonnull group);

/// linked.c: calls procession_register_pool() where the executable has it: a layer above Multiprocessing makes known
/// what its children run, before they are taken over.
void cposix_register_linked(void);

/// descriptors.c
int cposix_pipe(int ends[_Nonnull 2]);
int cposix_socketpair(int sequenced, int ends[_Nonnull 2]);
int cposix_openat(int folder, const char *_Nonnull path, int flags, mode_t mode);
int cposix_memfd(const char *_Nonnull name);
int cposix_duplicate(int descriptor, int at_least);
int cposix_set_nonblocking(int descriptor, int on);
/// Has the kernel begin to write these bytes of a file to its disk, and does not wait for it.
int cposix_start_writeback(int descriptor, long long offset, long long count);
int cposix_set_close_on_exec(int descriptor, int on);

/// Moves what a pipe holds into a file, at an offset, and does not wait for the pipe. 0: its end.
ssize_t cposix_splice(int pipe, int file, long long offset, size_t count);

/// watch.c: a non-blocking descriptor that is readable when something happened to what it watches.
int cposix_watch_open(void);
/// Names that come and go in a folder.
int cposix_watch_folder(int watch, const char *_Nonnull path);
/// Changes of an open file's bytes, whatever its name is.
int cposix_watch_file(int watch, int descriptor);
int cposix_watch_remove(int watch, int watched);

struct cposix_poll_entry {
  int descriptor;
  short wanted;
  short found;
};
/// Waits until one is ready. timeout in nanoseconds; negative: no end.
int cposix_poll(struct cposix_poll_entry *_Nullable entries, size_t count, int64_t timeout);

/// signals.c: blocks the signals.
int cposix_hold_signals(const int *_Nonnull signals, int count);
/// Blocks the signals and opens a non-blocking descriptor that tells of them.
int cposix_signalfd(const int *_Nonnull signals, int count);
/// The next signal, 0 when there is none; *sender is its sender's pid where known.
int cposix_read_signal(int descriptor, pid_t *_Nonnull sender);
/// Default disposition, and taken out of the mask.
int cposix_reset_signal(int signal);
int cposix_ignore_signal(int signal);
/// 1 if its disposition is to be ignored.
int cposix_is_ignored(int signal);

/// lock.c: open-file-description write lock over the whole file. 1 taken, 0 held by another.
int cposix_try_lock(int descriptor);
int cposix_unlock(int descriptor);

/// Words in memory that processes share.
static inline uint64_t cposix_load(const uint64_t *_Nonnull word) {
  return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}
static inline void cposix_store(uint64_t *_Nonnull word, uint64_t value) {
  __atomic_store_n(word, value, __ATOMIC_RELEASE);
}
static inline uint64_t cposix_add(uint64_t *_Nonnull word, uint64_t value) {
  return __atomic_fetch_add(word, value, __ATOMIC_RELAXED);
}
/// 1 if the word was as expected and is the new value now.
static inline int cposix_exchange(uint64_t *_Nonnull word, uint64_t expected, uint64_t value) {
  return __atomic_compare_exchange_n(word, &expected, value, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

/// A counter that goes on at least every few nanoseconds, for telling cheaply that some time has passed: how much
/// is for a clock to tell. Not the same on all processors of all machines.
static inline uint64_t cposix_ticks(void) {
#if defined(__x86_64__)
  return __builtin_ia32_rdtsc();
#elif defined(__aarch64__)
  uint64_t ticks;
  __asm__ volatile("mrs %0, cntvct_el0" : "=r"(ticks));
  // It goes on every 10 to 40 nanoseconds there.
  return ticks * 32;
#else
  return 0;
#endif
}

/// limits.c: lets the calling thread, and what it starts, run on these processors only.
int cposix_set_processors(const int *_Nonnull processors, int count);
/// Adds to the niceness of the calling process.
int cposix_add_niceness(int increment);
