#include "daemon/service/calls/errors.h"

#include <cstddef>

#include "absl/status/statusor.h"
#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "headway/v1/error_details.pb.h"

namespace headway::service {
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

template <typename Message>
void AddDetail(absl::string_view name, const Message& message,
               absl::Status* status) {
  status->SetPayload(absl::StrCat(kDetailPrefix, name),
                     absl::Cord(message.SerializeAsString()));
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

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  const std::string text = Shorten(status.message());
  v1::RpcStatus details;
  details.set_code(static_cast<int>(status.code()));
  details.set_message(text);
  status.ForEachPayload([&](absl::string_view url, const absl::Cord& payload) {
    if (!absl::StartsWith(url, kDetailPrefix)) return;
    auto* detail = details.add_details();
    detail->set_type_url(std::string(url));
    detail->set_value(std::string(payload));
  });
  const auto code = static_cast<grpc::StatusCode>(status.code());
  if (details.details().empty()) return grpc::Status(code, text);
  return grpc::Status(code, text, details.SerializeAsString());
}

}  // namespace headway::service
