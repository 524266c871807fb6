#include "daemon/ingest/sandbox/system_calls.h"

#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <memory>

#include "absl/strings/str_cat.h"
#include "daemon/base/file_descriptor.h"

namespace headway::ingest {
namespace {

// By name, so that those of a newer kernel are known only where the library
// knows them.
constexpr const char* kRefused[] = {
    // Other processes.
    "ptrace", "process_vm_readv", "process_vm_writev", "process_madvise",
    "kcmp", "pidfd_getfd", "perf_event_open",
    // Mounts and namespaces.
    "mount", "umount", "umount2", "pivot_root", "chroot", "move_mount",
    "open_tree", "fsopen", "fsconfig", "fsmount", "fspick", "mount_setattr",
    "unshare", "setns", "name_to_handle_at", "open_by_handle_at", "quotactl",
    "quotactl_fd", "swapon", "swapoff", "fanotify_init",
    // The kernel itself.
    "bpf", "keyctl", "add_key", "request_key", "userfaultfd", "io_uring_setup",
    "io_uring_enter", "io_uring_register", "init_module", "finit_module",
    "delete_module", "create_module", "kexec_load", "kexec_file_load", "reboot",
    "acct", "syslog", "lookup_dcookie", "nfsservctl", "uselib", "ustat",
    "sysfs", "vhangup", "modify_ldt", "iopl", "ioperm", "vm86", "vm86old",
    // The machine's name and clock.
    "sethostname", "setdomainname", "settimeofday", "clock_settime",
    "clock_adjtime", "adjtimex", "stime"};

constexpr int kNamespaces[] = {CLONE_NEWUSER,  CLONE_NEWNS,  CLONE_NEWPID,
                               CLONE_NEWNET,   CLONE_NEWIPC, CLONE_NEWUTS,
                               CLONE_NEWCGROUP};

using Filter = std::unique_ptr<void, decltype(&seccomp_release)>;

// Whether all were added.
bool AddRules(scmp_filter_ctx filter) {
  bool good = true;
  for (const char* name : kRefused) {
    const int call = seccomp_syscall_resolve_name(name);
    // One that this architecture, or the library, does not know.
    if (call < 0) continue;
    good =
        good && seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), call, 0) == 0;
  }
  for (const int flag : kNamespaces) {
    const auto bits = static_cast<scmp_datum_t>(flag);
    good = good &&
           seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
                            SCMP_A0(SCMP_CMP_MASKED_EQ, bits, bits)) == 0;
  }
  // Its flags lie in memory, where a filter does not look; programs fall back
  // to clone.
  good = good && seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS),
                                  SCMP_SYS(clone3), 0) == 0;
  // To type into the terminal of who started the daemon.
  for (const unsigned long request : {TIOCSTI, TIOCLINUX}) {
    good = good && seccomp_rule_add(
                       filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(ioctl), 1,
                       SCMP_A1(SCMP_CMP_MASKED_EQ, 0xffffffffu, request)) == 0;
  }
  // Families are numbered; those between and beyond the three that are allowed.
  static_assert(AF_UNIX == 1 && AF_INET == 2 && AF_INET6 == 10);
  const int no_family = EAFNOSUPPORT;
  good = good &&
         seccomp_rule_add(filter, SCMP_ACT_ERRNO(no_family), SCMP_SYS(socket),
                          1, SCMP_A0(SCMP_CMP_LT, AF_UNIX)) == 0;
  good = good &&
         seccomp_rule_add(filter, SCMP_ACT_ERRNO(no_family), SCMP_SYS(socket),
                          1, SCMP_A0(SCMP_CMP_GT, AF_INET6)) == 0;
  for (int family = AF_INET + 1; family < AF_INET6; ++family) {
    good = good &&
           seccomp_rule_add(
               filter, SCMP_ACT_ERRNO(no_family), SCMP_SYS(socket), 1,
               SCMP_A0(SCMP_CMP_EQ, static_cast<scmp_datum_t>(family))) == 0;
  }
  return good;
}

}  // namespace

absl::StatusOr<std::string> MakeSystemCallFilter() {
  const auto failed = [](absl::string_view what) {
    return absl::InternalError(
        absl::StrCat("the filter of system calls cannot be ", what));
  };
  const Filter filter(seccomp_init(SCMP_ACT_ALLOW), &seccomp_release);
  if (filter == nullptr || !AddRules(filter.get())) return failed("made");
  const FileDescriptor file(::memfd_create("filter", MFD_CLOEXEC));
  if (!file.is_open() || seccomp_export_bpf(filter.get(), file.get()) != 0) {
    return failed("written");
  }
  const off_t size = ::lseek(file.get(), 0, SEEK_END);
  std::string bytes(size > 0 ? static_cast<size_t>(size) : 0, '\0');
  if (bytes.empty() || ::pread(file.get(), bytes.data(), bytes.size(), 0) !=
                           static_cast<ssize_t>(bytes.size())) {
    return failed("read");
  }
  return bytes;
}

}  // namespace headway::ingest
