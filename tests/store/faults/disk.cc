#include "tests/store/faults/disk.h"

#include <rocksdb/env.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/strings/match.h"
#include "tests/store/faults/env.h"

namespace headway::store {
namespace {

using rocksdb::IOStatus;

std::string DirectoryOf(const std::string& path) {
  return path.substr(0, path.find_last_of('/'));
}

}  // namespace

IOStatus NoFile(const std::string& path) {
  return IOStatus::PathNotFound(path, "No such file or directory");
}

void FaultDisk::DirectoryChange::Make(FileTable* files) const {
  if (!unlinked.empty()) files->erase(unlinked);
  if (!path.empty()) (*files)[path] = file;
}

FaultDisk::FaultDisk(uint64_t seed) : random_(seed), env_(NewFaultEnv(this)) {}

FaultDisk::~FaultDisk() = default;

rocksdb::Env* FaultDisk::env() { return env_.get(); }

std::unique_ptr<FaultDisk> FaultDisk::AfterPowerCut(Loss loss) {
  absl::MutexLock lock(&mutex_);
  return CutPower(loss);
}

void FaultDisk::CutPowerAfter(int operations, Loss loss,
                              std::function<void()> at_cut) {
  absl::MutexLock lock(&mutex_);
  until_cut_ = operations;
  at_cut_ = std::move(at_cut);
  loss_ = loss;
  after_cut_ = nullptr;
}

std::unique_ptr<FaultDisk> FaultDisk::TakeDiskAfterPowerCut() {
  absl::MutexLock lock(&mutex_);
  until_cut_.reset();
  return std::move(after_cut_);
}

int64_t FaultDisk::changes() const {
  absl::MutexLock lock(&mutex_);
  return changes_;
}

std::unique_ptr<FaultDisk> FaultDisk::Copy() {
  absl::MutexLock lock(&mutex_);
  auto copy = std::make_unique<FaultDisk>(random_());
  absl::MutexLock copy_lock(&copy->mutex_);
  copy->directories_ = directories_;
  for (const auto& [path, file] : files_) {
    copy->files_[path] = std::make_shared<File>(*file);
  }
  copy->durable_ = copy->files_;
  return copy;
}

void FaultDisk::Inject(const Fault& fault) {
  absl::MutexLock lock(&mutex_);
  fault_ = fault;
  faults_hit_ = 0;
}

void FaultDisk::Heal() {
  absl::MutexLock lock(&mutex_);
  fault_.reset();
  free_bytes_ = kPlenty;
}

int FaultDisk::faults_hit() const {
  absl::MutexLock lock(&mutex_);
  return faults_hit_;
}

void FaultDisk::SetFreeBytes(uint64_t bytes) {
  absl::MutexLock lock(&mutex_);
  free_bytes_ = bytes;
}

uint64_t FaultDisk::free_bytes() const {
  absl::MutexLock lock(&mutex_);
  return free_bytes_;
}

std::vector<std::string> FaultDisk::Files() const {
  absl::MutexLock lock(&mutex_);
  std::vector<std::string> paths;
  for (const auto& [path, file] : files_) paths.push_back(path);
  return paths;
}

std::string FaultDisk::Contents(const std::string& path) const {
  absl::MutexLock lock(&mutex_);
  return files_.at(path)->bytes;
}

void FaultDisk::SetContents(const std::string& path, std::string bytes) {
  auto file = std::make_shared<File>();
  file->synced = bytes.size();
  file->bytes = std::move(bytes);
  absl::MutexLock lock(&mutex_);
  files_[path] = durable_[path] = file;
}

void FaultDisk::Remove(const std::string& path) {
  absl::MutexLock lock(&mutex_);
  files_.erase(path);
  durable_.erase(path);
}

std::shared_ptr<FaultDisk::File> FaultDisk::Find(
    const std::string& path) const {
  absl::MutexLock lock(&mutex_);
  auto it = files_.find(path);
  return it == files_.end() ? nullptr : it->second;
}

IOStatus FaultDisk::Create(const std::string& path,
                           std::shared_ptr<File>* file) {
  absl::MutexLock lock(&mutex_);
  if (!directories_.contains(DirectoryOf(path))) return NoFile(path);
  *file = std::make_shared<File>();
  return Change(Operation::kCreate, {path, *file, ""});
}

IOStatus FaultDisk::Append(const std::string& path, File* file,
                           absl::string_view bytes) {
  absl::MutexLock lock(&mutex_);
  IOStatus status = Begin(Operation::kAppend, path);
  uint64_t size = bytes.size();
  if (status.ok() && size > free_bytes_) {
    status = IOStatus::NoSpace(path, "No space left on device");
  }
  // Of a write that fails, any part may be there.
  if (!status.ok()) size = Random(std::min(size, free_bytes_));
  file->bytes.append(bytes.data(), size);
  if (free_bytes_ != kPlenty) free_bytes_ -= size;
  return status;
}

IOStatus FaultDisk::Sync(const std::string& path, File* file) {
  absl::MutexLock lock(&mutex_);
  IOStatus status = Begin(Operation::kSync, path);
  if (!status.ok()) file->sync_failed = true;
  if (!file->sync_failed) file->synced = file->bytes.size();
  return status;
}

void FaultDisk::Truncate(File* file, size_t size) {
  absl::MutexLock lock(&mutex_);
  file->bytes.resize(size);
  file->synced = std::min(file->synced, size);
}

IOStatus FaultDisk::Read(const std::string& path, const File& file,
                         uint64_t offset, size_t bytes, char* out,
                         size_t* read) {
  absl::MutexLock lock(&mutex_);
  IOStatus status = Begin(Operation::kRead, path);
  const bool flip = !status.ok() && fault_->flip_bit;
  if (!status.ok() && !flip) return status;
  const size_t size = file.bytes.size();
  const size_t from = std::min<size_t>(offset, size);
  *read = std::min(bytes, size - from);
  memcpy(out, file.bytes.data() + from, *read);
  if (flip && *read > 0) out[Random(*read)] ^= 1 << Random(8);
  return IOStatus::OK();
}

size_t FaultDisk::SizeOf(const File& file) const {
  absl::MutexLock lock(&mutex_);
  return file.bytes.size();
}

IOStatus FaultDisk::Link(const std::string& from, const std::string& to) {
  absl::MutexLock lock(&mutex_);
  auto it = files_.find(from);
  if (it == files_.end()) return NoFile(from);
  return Change(Operation::kCreate, {to, it->second, ""});
}

IOStatus FaultDisk::Rename(const std::string& from, const std::string& to) {
  absl::MutexLock lock(&mutex_);
  auto it = files_.find(from);
  if (it == files_.end()) return NoFile(from);
  return Change(Operation::kRename, {to, it->second, from});
}

IOStatus FaultDisk::Unlink(const std::string& path) {
  absl::MutexLock lock(&mutex_);
  if (!files_.contains(path)) return NoFile(path);
  return Change(Operation::kRemove, {"", nullptr, path});
}

bool FaultDisk::MakeDirectory(const std::string& path) {
  absl::MutexLock lock(&mutex_);
  return directories_.insert(path).second;
}

bool FaultDisk::RemoveDirectory(const std::string& path) {
  absl::MutexLock lock(&mutex_);
  return directories_.erase(path) > 0;
}

bool FaultDisk::IsDirectory(const std::string& path) const {
  absl::MutexLock lock(&mutex_);
  return directories_.contains(path);
}

IOStatus FaultDisk::SyncDirectory(const std::string& path) {
  absl::MutexLock lock(&mutex_);
  IOStatus status = Begin(Operation::kSyncDirectory, path);
  if (!status.ok()) return status;
  auto later = std::stable_partition(
      pending_.begin(), pending_.end(), [&](const DirectoryChange& change) {
        return DirectoryOf(change.ChangedPath()) == path;
      });
  for (auto it = pending_.begin(); it != later; ++it) it->Make(&durable_);
  pending_.erase(pending_.begin(), later);
  return IOStatus::OK();
}

std::vector<std::string> FaultDisk::Children(
    const std::string& directory) const {
  absl::MutexLock lock(&mutex_);
  std::vector<std::string> children;
  auto add = [&](const std::string& path) {
    if (DirectoryOf(path) != directory || path == directory) return;
    children.push_back(path.substr(directory.size() + 1));
  };
  for (const auto& [path, file] : files_) add(path);
  for (const std::string& path : directories_) add(path);
  return children;
}

bool FaultDisk::Lock(const std::string& path) {
  absl::MutexLock lock(&mutex_);
  return locked_.insert(path).second;
}

void FaultDisk::Unlock(const std::string& path) {
  absl::MutexLock lock(&mutex_);
  locked_.erase(path);
}

size_t FaultDisk::Random(uint64_t limit) {
  return limit == 0 ? 0 : random_() % limit;
}

IOStatus FaultDisk::Begin(Operation operation, const std::string& path) {
  if (operation != Operation::kRead) {
    ++changes_;
    if (until_cut_ && (*until_cut_)-- == 0) {
      until_cut_.reset();
      after_cut_ = CutPower(loss_);
      if (at_cut_) at_cut_();
    }
  }
  if (!fault_ || fault_->operation != operation ||
      !absl::StrContains(path, fault_->path_part)) {
    return IOStatus::OK();
  }
  if (fault_->after-- > 0) return IOStatus::OK();
  if (!fault_->for_good && faults_hit_ > 0) return IOStatus::OK();
  ++faults_hit_;
  return fault_->error;
}

IOStatus FaultDisk::Change(Operation operation, DirectoryChange change) {
  IOStatus status = Begin(operation, change.ChangedPath());
  if (!status.ok()) return status;
  change.Make(&files_);
  pending_.push_back(std::move(change));
  return IOStatus::OK();
}

std::unique_ptr<FaultDisk> FaultDisk::CutPower(Loss loss) {
  auto after = std::make_unique<FaultDisk>(random_());
  absl::MutexLock after_lock(&after->mutex_);
  after->directories_ = directories_;
  FileTable left = durable_;
  std::map<std::string, std::vector<const DirectoryChange*>> changes;
  for (const DirectoryChange& change : pending_) {
    changes[DirectoryOf(change.ChangedPath())].push_back(&change);
  }
  for (const auto& [directory, in_order] : changes) {
    const size_t kept = Random(in_order.size() + 1);
    for (size_t i = 0; i < kept; ++i) in_order[i]->Make(&left);
  }
  for (const auto& [path, file] : left) {
    after->files_[path] = WhatIsLeft(*file, loss);
  }
  after->durable_ = after->files_;
  return after;
}

std::shared_ptr<FaultDisk::File> FaultDisk::WhatIsLeft(const File& file,
                                                       Loss loss) {
  auto left = std::make_shared<File>();
  size_t size = file.synced;
  if (loss != Loss::kAll) size += Random(file.bytes.size() - size + 1);
  left->bytes = file.bytes.substr(0, size);
  left->synced = size;
  return left;
}

}  // namespace headway::store
