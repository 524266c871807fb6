#include "daemon/store/transfer/flat_json.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/store/transfer/text.h"

namespace headway::store {
namespace {

using Json = nlohmann::json;

// What nlohmann's error of a number that no double holds is called.
constexpr int kNumberOverflow = 406;

// Each event returns whether to go on.
class Handler final : public nlohmann::json_sax<Json> {
 public:
  absl::Status status() const { return status_; }
  JsonObject TakeObject() { return std::move(object_); }

  bool null() override { return Refuse("null is not taken; leave it out"); }
  bool boolean(bool) override { return Refuse("true and false are not taken"); }
  bool number_integer(number_integer_t value) override {
    return Number(static_cast<double>(value));
  }
  bool number_unsigned(number_unsigned_t value) override {
    return Number(static_cast<double>(value));
  }
  bool number_float(number_float_t value, const string_t&) override {
    return Number(value);
  }
  bool string(string_t& value) override {
    switch (state_) {
      case State::kOutside:
        return Refuse("it is not an object");
      case State::kMember:
        member_->text = std::move(value);
        return true;
      case State::kArray:
        if (!member_->numbers.empty()) return Refuse("texts beside numbers");
        member_->texts.push_back(std::move(value));
        return true;
      case State::kObject:
        member_->pairs.back().second = std::move(value);
        return true;
    }
    return false;
  }
  bool binary(binary_t&) override { return false; }

  bool start_object(std::size_t) override {
    if (state_ == State::kOutside) {
      state_ = State::kMember;
      return true;
    }
    if (state_ != State::kMember) return Refuse("objects within it");
    member_->kind = JsonMember::Kind::kObject;
    state_ = State::kObject;
    return true;
  }
  bool key(string_t& name) override {
    if (state_ == State::kMember) {
      const auto [it, is_new] = object_.try_emplace(name);
      name_ = std::move(name);
      member_ = &it->second;
      return is_new || Refuse("it is there twice");
    }
    const auto is_same = [&](const auto& pair) { return pair.first == name; };
    if (std::any_of(member_->pairs.begin(), member_->pairs.end(), is_same)) {
      return Refuse(absl::StrCat(Quoted(name), " is there twice"));
    }
    member_->pairs.emplace_back(std::move(name), "");
    return true;
  }
  bool end_object() override {
    state_ = state_ == State::kObject ? State::kMember : State::kOutside;
    return true;
  }
  bool start_array(std::size_t) override {
    if (state_ != State::kMember) return Refuse("an array is not taken there");
    member_->kind = JsonMember::Kind::kArray;
    state_ = State::kArray;
    return true;
  }
  bool end_array() override {
    state_ = State::kMember;
    return true;
  }

  bool parse_error(std::size_t position, const std::string& last_token,
                   const nlohmann::detail::exception& error) override {
    status_ = absl::InvalidArgumentError(
        error.id == kNumberOverflow
            ? absl::StrCat("column ", position, ": ", Quoted(last_token),
                           " lies beyond what a double holds")
            : absl::StrCat("column ", position, ": it is no JSON at ",
                           Quoted(last_token)));
    return false;
  }

 private:
  enum class State { kOutside, kMember, kArray, kObject };

  bool Number(double value) {
    if (state_ == State::kOutside) return Refuse("it is not an object");
    if (state_ != State::kArray) {
      return Refuse("a number is not taken there; put it in quotes");
    }
    if (!member_->texts.empty()) return Refuse("numbers beside texts");
    member_->numbers.push_back(value);
    return true;
  }

  bool Refuse(absl::string_view problem) {
    status_ = absl::InvalidArgumentError(
        state_ == State::kOutside || member_ == nullptr
            ? std::string(problem)
            : absl::StrCat("member ", Quoted(name_), ": ", problem));
    return false;
  }

  absl::Status status_;
  State state_ = State::kOutside;
  JsonObject object_;
  // Under way, in object_.
  std::string name_;
  JsonMember* member_ = nullptr;
};

}  // namespace

absl::StatusOr<JsonObject> ParseFlatJson(absl::string_view text) {
  Handler handler;
  const bool parsed =
      Json::sax_parse(text.data(), text.data() + text.size(), &handler);
  RETURN_IF_ERROR(handler.status());
  if (!parsed) return absl::InvalidArgumentError("it is no JSON");
  return handler.TakeObject();
}

absl::StatusOr<series::Labels> ParseLabelsJson(absl::string_view text) {
  ASSIGN_OR_RETURN(JsonObject object, ParseFlatJson(text));
  std::vector<series::Labels::Pair> pairs;
  for (auto& [name, member] : object) {
    if (member.kind != JsonMember::Kind::kText) {
      return absl::InvalidArgumentError(
          absl::StrCat("label ", Quoted(name), " is not a text"));
    }
    pairs.emplace_back(name, std::move(member.text));
  }
  return series::Labels::Create(std::move(pairs));
}

}  // namespace headway::store
