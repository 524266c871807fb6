#include "tests/store/faults/test_engine.h"

#include "daemon/store/engine/rocks/engine.h"

namespace headway::store {
namespace {

RocksEngine::Options OptionsOf(const TestEngineOptions& given) {
  RocksEngine::Options options;
  options.write_buffer_bytes = given.write_buffer_bytes;
  options.reserved_bytes = given.reserved_bytes;
  return options;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Engine>> OpenTestEngine(
    const std::string& directory, const TestEngineOptions& options) {
  return RocksEngine::Open(directory, OptionsOf(options));
}

absl::StatusOr<std::unique_ptr<Engine>> OpenTestEngine(
    FaultDisk* disk, const TestEngineOptions& options) {
  RocksEngine::Options on_disk = OptionsOf(options);
  on_disk.env = disk->env();
  return RocksEngine::Open(FaultDisk::kDirectory, on_disk);
}

}  // namespace headway::store
