#include "daemon/store/history/identity.h"

#include <unistd.h>

#include <memory>
#include <optional>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/store/format/format.h"

namespace headway::store {
namespace {

constexpr size_t kIdentityBytes = 16;
constexpr size_t kEpochBytes = 8;
constexpr size_t kIdentityDigits = 2 * kIdentityBytes;

absl::StatusOr<std::string> RandomHex(size_t bytes) {
  std::string random(bytes, '\0');
  if (getentropy(random.data(), random.size()) != 0) {
    return absl::InternalError(
        "the system has no random numbers for the store's identity; mount "
        "/dev, or run on a kernel that has getrandom");
  }
  return absl::BytesToHexString(random);
}

absl::StatusOr<std::optional<std::string>> ReadIdentity(const Engine& engine) {
  return engine.LatestView()->Get(Family::kMeta, kIdentityKey);
}

absl::Status WriteIdentity(absl::string_view identity, absl::string_view epoch,
                           Engine* engine) {
  WriteBatch batch;
  batch.Put(Family::kMeta, kIdentityKey, absl::StrCat(identity, "-", epoch));
  return engine->Write(batch);
}

}  // namespace

absl::StatusOr<std::string> GetOrMakeIdentity(Engine* engine) {
  ASSIGN_OR_RETURN(std::optional<std::string> known, ReadIdentity(*engine));
  if (known) return *std::move(known);
  ASSIGN_OR_RETURN(const std::string identity, RandomHex(kIdentityBytes));
  ASSIGN_OR_RETURN(const std::string epoch, RandomHex(kEpochBytes));
  RETURN_IF_ERROR(WriteIdentity(identity, epoch, engine));
  return absl::StrCat(identity, "-", epoch);
}

absl::Status BeginEpoch(Engine* engine) {
  ASSIGN_OR_RETURN(std::optional<std::string> known, ReadIdentity(*engine));
  if (!known) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::string epoch, RandomHex(kEpochBytes));
  return WriteIdentity(known->substr(0, kIdentityDigits), epoch, engine);
}

}  // namespace headway::store
