// A FaultDisk as RocksDB sees disks.
#ifndef HEADWAY_TESTS_STORE_FAULTS_ENV_H_
#define HEADWAY_TESTS_STORE_FAULTS_ENV_H_

#include <rocksdb/env.h>

#include <memory>

namespace headway::store {

class FaultDisk;

// Threads and time are those of the operating system. Must not outlive `disk`.
std::unique_ptr<rocksdb::Env> NewFaultEnv(FaultDisk* disk);

}  // namespace headway::store

#endif  // HEADWAY_TESTS_STORE_FAULTS_ENV_H_
