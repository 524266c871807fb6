// Commits to a store and backs it up in turn until it is killed, and says so
// after each backup.
//
//   backup_writer DIRECTORY BACKUPS
#include <unistd.h>

#include <iostream>
#include <string>

#include "daemon/store/upkeep/backup.h"
#include "tests/store/faults/store_writer.h"

namespace headway::store {
namespace {

int Run(const std::string& directory, const std::string& backups) {
  RealClock clock;
  Store::Options options;
  options.keep_log_bytes = uint64_t{64} << 20;
  auto store = Store::Open(directory, &clock, options);
  if (!store.ok()) {
    std::cerr << store.status() << "\n";
    return 1;
  }
  while (true) {
    const CommitNumber number = (*store)->last_commit() + 1;
    auto result =
        (*store)->Commit(WriterBatch(0, static_cast<int64_t>(number)));
    auto backup = CreateBackup(**store, {.directory = backups, .keep = 5});
    if (!result.ok() || !backup.ok()) {
      std::cerr << result.status() << " " << backup.status() << "\n";
      return 1;
    }
    if (write(STDOUT_FILENO, "\n", 1) != 1) return 1;
  }
}

}  // namespace
}  // namespace headway::store

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: backup_writer DIRECTORY BACKUPS\n";
    return 2;
  }
  return headway::store::Run(argv[1], argv[2]);
}
