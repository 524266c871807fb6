#include "daemon/service/shell/answer_cache.h"

#include <utility>

namespace headway::service {

AnswerCache::Lookup AnswerCache::Find(const std::string& key) {
  Lookup lookup;
  lookup.version = now_();
  absl::MutexLock lock(&mutex_);
  if (version_ != lookup.version) {
    // A caller that looked a moment earlier must not bring an older version
    // back.
    if (lookup.version.commit < version_.commit) return lookup;
    Clear();
    version_ = lookup.version;
    return lookup;
  }
  const auto found = answers_.find(key);
  if (found != answers_.end()) lookup.answer = found->second;
  return lookup;
}

void AnswerCache::Keep(const Version& version, std::string&& key,
                       const grpc::ByteBuffer& answer) {
  const size_t bytes = key.size() + answer.Length();
  absl::MutexLock lock(&mutex_);
  if (version_ != version || bytes > max_bytes_) return;
  if (bytes_ + bytes > max_bytes_) Clear();
  if (answers_.emplace(std::move(key), answer).second) bytes_ += bytes;
}

void AnswerCache::Clear() {
  answers_.clear();
  bytes_ = 0;
}

}  // namespace headway::service
