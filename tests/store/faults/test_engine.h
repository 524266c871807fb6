// Engines with options that only tests set: a faulty disk, little memory. The
// one place of the tests that names RocksDB's engine.
#ifndef HEADWAY_TESTS_STORE_FAULTS_TEST_ENGINE_H_
#define HEADWAY_TESTS_STORE_FAULTS_TEST_ENGINE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "daemon/store/engine/engine.h"
#include "tests/store/faults/disk.h"

namespace headway::store {

struct TestEngineOptions {
  // How much is held in memory before it goes to tables.
  size_t write_buffer_bytes = size_t{64} << 20;
  // Writes are refused when less than this is free on the disk.
  uint64_t reserved_bytes = uint64_t{64} << 20;
};

absl::StatusOr<std::unique_ptr<Engine>> OpenTestEngine(
    const std::string& directory, const TestEngineOptions& options = {});

// On a disk that must outlive the engine, in FaultDisk::kDirectory.
absl::StatusOr<std::unique_ptr<Engine>> OpenTestEngine(
    FaultDisk* disk, const TestEngineOptions& options = {});

}  // namespace headway::store

#endif  // HEADWAY_TESTS_STORE_FAULTS_TEST_ENGINE_H_
