// Commits batches to a store from several threads until it is killed.
//
//   store_writer DIRECTORY EXPECTED WRITERS WRITE_BUFFER_BYTES
//
// To the file EXPECTED it adds, each in one piece, "begin WRITER NUMBER\n"
// before a commit and "done WRITER NUMBER\n" when it was acknowledged. Each
// writer goes on from its checkpoint.
#include "tests/store/faults/store_writer.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "daemon/store/engine/engine.h"
#include "tests/store/faults/test_engine.h"

namespace headway::store {
namespace {

[[noreturn]] void Fail(const absl::Status& status) {
  std::cerr << status << "\n";
  std::_Exit(1);
}

void Tell(int expected, const char* what, int writer, int64_t number) {
  const std::string line = absl::StrCat(what, " ", writer, " ", number, "\n");
  if (write(expected, line.data(), line.size()) !=
      static_cast<ssize_t>(line.size())) {
    std::_Exit(2);
  }
}

int64_t LastNumber(const Store& store, int writer) {
  auto checkpoints = store.NewReader()->GetCheckpoints(WriterSource(writer));
  if (!checkpoints.ok()) Fail(checkpoints.status());
  int64_t number = 0;
  if (!checkpoints->empty() &&
      !absl::SimpleAtoi(checkpoints->front().state, &number)) {
    Fail(absl::DataLossError(checkpoints->front().state));
  }
  return number;
}

void Write(Store* store, int expected, int writer) {
  for (int64_t number = LastNumber(*store, writer) + 1;; ++number) {
    Tell(expected, "begin", writer, number);
    auto result = store->Commit(WriterBatch(writer, number));
    if (!result.ok()) Fail(result.status());
    Tell(expected, "done", writer, number);
  }
}

void Run(const std::string& directory, const std::string& expected_path,
         int writers, size_t write_buffer_bytes) {
  const int expected =
      open(expected_path.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  if (expected < 0) Fail(absl::InternalError(expected_path));
  RealClock clock;
  auto engine = OpenTestEngine(std::string(directory),
                               {.write_buffer_bytes = write_buffer_bytes});
  if (!engine.ok()) Fail(engine.status());
  auto store = Store::Open(*std::move(engine), &clock, Store::Options());
  if (!store.ok()) Fail(store.status());
  std::vector<std::thread> threads;
  for (int writer = 0; writer < writers; ++writer) {
    threads.emplace_back(Write, store->get(), expected, writer);
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace headway::store

int main(int argc, char** argv) {
  int writers = 0;
  uint64_t write_buffer_bytes = 0;
  if (argc != 5 || !absl::SimpleAtoi(argv[3], &writers) ||
      !absl::SimpleAtoi(argv[4], &write_buffer_bytes)) {
    std::cerr << "usage: store_writer DIRECTORY EXPECTED WRITERS "
                 "WRITE_BUFFER_BYTES\n";
    return 2;
  }
  headway::store::Run(argv[1], argv[2], writers, write_buffer_bytes);
}
