// Commits batches to a store until it is killed, and says so after each.
//
//   store_writer DIRECTORY
//
// Batch n gives every series of kSeries the value n at a new period and known
// since a new day, moves the checkpoint to n, and writes record n. When Commit
// has returned, "n\n" is written to standard output in one piece.
#include "tests/store/store_writer.h"

#include <unistd.h>

#include <iostream>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/store/store_fixture.h"

namespace headway::store {
namespace {

int Run(const std::string& directory) {
  RealClock clock;
  auto store = Store::Open(directory, &clock, Store::Options());
  if (!store.ok()) {
    std::cerr << store.status() << "\n";
    return 1;
  }
  while (true) {
    const CommitNumber number = (*store)->last_commit() + 1;
    auto result = (*store)->Commit(WriterBatch(number));
    if (!result.ok()) {
      std::cerr << result.status() << "\n";
      return 1;
    }
    const std::string line = absl::StrCat(result->commit, "\n");
    if (write(STDOUT_FILENO, line.data(), line.size()) < 0) return 1;
  }
}

}  // namespace
}  // namespace headway::store

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: store_writer DIRECTORY\n";
    return 2;
  }
  return headway::store::Run(argv[1]);
}
