#include "daemon/ingest/protocol/recording.h"

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"

namespace headway::ingest {
namespace {

using nlohmann::json;

// Reads a recording as it is parsed and stops at the first thing that does not
// belong there: text from outside may be a tree many times its own size.
class Reader final : public nlohmann::json_sax<json> {
 public:
  std::optional<Recording> Take() {
    if (!has_url_ || !has_body_ || recording_.status < 1 ||
        recording_.status > 999) {
      return std::nullopt;
    }
    return std::move(recording_);
  }

  bool start_object(std::size_t) override {
    ++depth_;
    return depth_ == 1 || (depth_ == 2 && key_ == "headers");
  }
  bool end_object() override {
    --depth_;
    return true;
  }
  bool key(string_t& name) override {
    (depth_ == 1 ? key_ : header_) = name;
    return true;
  }
  bool string(string_t& text) override {
    if (depth_ == 2) {
      recording_.headers[absl::AsciiStrToLower(header_)] = std::move(text);
      return true;
    }
    if (depth_ != 1) return false;
    if (key_ == "url") {
      recording_.url = std::move(text);
      return has_url_ = true;
    }
    // What was posted is for people who look into the directory.
    if (key_ == "request") return true;
    if (has_body_) return false;
    has_body_ = true;
    if (key_ == "body") {
      recording_.body = std::move(text);
      return true;
    }
    return key_ == "body_base64" &&
           absl::Base64Unescape(text, &recording_.body);
  }
  bool number_unsigned(number_unsigned_t number) override {
    if (depth_ != 1 || key_ != "status" || number > 999) return false;
    recording_.status = static_cast<int>(number);
    return true;
  }

  bool null() override { return false; }
  bool boolean(bool) override { return false; }
  bool number_integer(number_integer_t) override { return false; }
  bool number_float(number_float_t, const string_t&) override { return false; }
  bool binary(binary_t&) override { return false; }
  bool start_array(std::size_t) override { return false; }
  bool end_array() override { return false; }
  bool parse_error(std::size_t, const std::string&,
                   const json::exception&) override {
    return false;
  }

 private:
  int depth_ = 0;
  std::string key_;
  std::string header_;
  bool has_url_ = false;
  bool has_body_ = false;
  Recording recording_;
};

}  // namespace

std::optional<Recording> ParseRecording(absl::string_view text) {
  Reader reader;
  if (!json::sax_parse(text.begin(), text.end(), &reader)) return std::nullopt;
  return reader.Take();
}

std::string FormatRecording(const Recording& recording) {
  nlohmann::ordered_json object;
  object["url"] = recording.url;
  object["status"] = recording.status;
  object["headers"] = recording.headers;
  // A body need not be UTF-8, and base64 is no longer than escapes are.
  object["body_base64"] = absl::Base64Escape(recording.body);
  return object.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace headway::ingest
