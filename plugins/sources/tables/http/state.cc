#include "plugins/sources/tables/http/state.h"

#include <utility>

#include "daemon/base/instant_text.h"
#include "plugins/sdk/cpp/document.h"
#include "plugins/sources/tables/formats/json.h"

namespace headway::http {
namespace {

// Of a checkpoint's 64 KiB.
constexpr size_t kMostStateBytes = 60 << 10;

std::string KeyOf(absl::string_view url) {
  return sdk::ContentHash(url).substr(0, 16);
}

}  // namespace

State State::Parse(absl::string_view text, absl::string_view fingerprint) {
  State state;
  const auto last = formats::ParseJson(text);
  if (!last.ok() || formats::MemberText(*last, "fingerprint") != fingerprint) {
    return state;
  }
  const auto read_at = ParseInstant(formats::MemberText(*last, "read_at"));
  if (read_at.ok()) state.read_at_ = *read_at;
  const formats::Json* documents = formats::Member(*last, "documents");
  if (documents == nullptr || !documents->is_object()) return state;
  for (const auto& member : documents->items()) {
    const formats::Json& document = member.value();
    state.documents_[member.key()] = {
        .hash = formats::MemberText(document, "hash"),
        .etag = formats::MemberText(document, "etag"),
        .last_modified = formats::MemberText(document, "last_modified")};
  }
  return state;
}

const KnownDocument* State::Find(absl::string_view url) const {
  const auto found = documents_.find(KeyOf(url));
  return found == documents_.end() ? nullptr : &found->second;
}

void State::Put(absl::string_view url, KnownDocument document) {
  documents_[KeyOf(url)] = std::move(document);
}

std::string State::ToText(absl::string_view fingerprint) const {
  formats::Json state = {{"fingerprint", std::string(fingerprint)}};
  if (read_at_) state["read_at"] = FormatInstant(*read_at_);
  formats::Json documents = formats::Json::object();
  for (const auto& [key, document] : documents_) {
    formats::Json& entry = documents[key];
    entry["hash"] = document.hash;
    if (!document.etag.empty()) entry["etag"] = document.etag;
    if (!document.last_modified.empty()) {
      entry["last_modified"] = document.last_modified;
    }
  }
  const auto text = [&] {
    // A publisher's header may hold any bytes.
    return state.dump(-1, ' ', false, formats::Json::error_handler_t::replace);
  };
  const std::string without = text();
  state["documents"] = std::move(documents);
  std::string whole = text();
  return whole.size() <= kMostStateBytes ? whole : without;
}

std::string ShortHash(absl::string_view bytes) {
  return sdk::ContentHash(bytes).substr(0, 32);
}

}  // namespace headway::http
