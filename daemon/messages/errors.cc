#include "daemon/messages/errors.h"

#include <cstddef>

#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/clock_guard.h"

namespace headway::messages {
namespace {

constexpr absl::string_view kDetailPrefix = "type.googleapis.com/google.rpc.";

// Trailers hold 8 KiB in all by default, and the text goes there twice, once
// with each odd byte spelt as three.
constexpr size_t kLongestText = 1000;

std::string Shorten(absl::string_view text) {
  if (text.size() <= kLongestText) return std::string(text);
  size_t end = kLongestText;
  // Not in the middle of a UTF-8 character.
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) {
    --end;
  }
  return absl::StrCat(text.substr(0, end), "...");
}

template <typename Detail>
void AddDetail(absl::string_view name, const Detail& detail,
               absl::Status* status) {
  status->SetPayload(absl::StrCat(kDetailPrefix, name),
                     absl::Cord(detail.SerializeAsString()));
}

template <typename Detail>
bool Unpack(absl::string_view name, const google::protobuf::Any& any,
            Detail* detail) {
  return any.type_url() == absl::StrCat(kDetailPrefix, name) &&
         detail->ParseFromString(any.value());
}

}  // namespace

absl::Status FieldError(absl::string_view field,
                        absl::string_view description) {
  absl::Status status = absl::InvalidArgumentError(
      Shorten(absl::StrCat(field, ": ", description)));
  v1::BadRequest detail;
  auto* violation = detail.add_field_violations();
  violation->set_field(std::string(field));
  violation->set_description(Shorten(description));
  AddDetail("BadRequest", detail, &status);
  return status;
}

absl::Status AtField(absl::string_view field, const absl::Status& status) {
  if (!absl::IsInvalidArgument(status)) return status;
  return FieldError(field, status.message());
}

absl::Status WithReason(absl::Status status, absl::string_view reason,
                        const std::map<std::string, std::string>& metadata) {
  v1::ErrorInfo detail;
  detail.set_reason(std::string(reason));
  detail.set_domain("headway");
  for (const auto& [key, value] : metadata) {
    (*detail.mutable_metadata())[key] = Shorten(value);
  }
  AddDetail("ErrorInfo", detail, &status);
  return status;
}

v1::RpcStatus ToProto(const absl::Status& error) {
  // Whatever it was that could not be stored.
  const absl::Status status =
      IsClockInDoubt(error) ? WithReason(error, "CLOCK_IN_DOUBT", {}) : error;
  v1::RpcStatus proto;
  proto.set_code(static_cast<int>(status.code()));
  proto.set_message(Shorten(status.message()));
  status.ForEachPayload([&](absl::string_view url, const absl::Cord& payload) {
    if (!absl::StartsWith(url, kDetailPrefix)) return;
    google::protobuf::Any* detail = proto.add_details();
    detail->set_type_url(std::string(url));
    detail->set_value(std::string(payload));
  });
  return proto;
}

bool UnpackDetail(const google::protobuf::Any& any, v1::BadRequest* detail) {
  return Unpack("BadRequest", any, detail);
}

bool UnpackDetail(const google::protobuf::Any& any, v1::ErrorInfo* detail) {
  return Unpack("ErrorInfo", any, detail);
}

}  // namespace headway::messages
