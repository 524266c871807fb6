#include "plugins/sources/tables/formats/json_path.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "daemon/base/status_macros.h"
#include "daemon/base/suggest.h"

namespace headway::formats {
namespace {

constexpr size_t kMostSteps = 100;
constexpr size_t kMostShownNames = 20;

std::string NamesOf(const Json& object) {
  std::vector<std::string> names;
  for (const auto& member : object.items()) {
    if (names.size() == kMostShownNames) {
      names.push_back("…");
      break;
    }
    names.push_back(member.key());
  }
  return names.empty() ? "no member" : absl::StrJoin(names, ", ");
}

// The value with the article, as messages name it.
std::string KindOf(const Json& value) {
  if (value.is_object()) return absl::StrCat("an object with ", NamesOf(value));
  if (value.is_array()) {
    return absl::StrCat("an array of ", value.size(), " elements");
  }
  return absl::StrCat(value.type_name(), " ", ShortText(value, 60));
}

}  // namespace

class JsonPath::Parser {
 public:
  Parser(absl::string_view text, JsonPath* path) : text_(text), path_(path) {
    path->text_ = std::string(text);
  }

  absl::Status ParseRows() {
    if (!Take('$')) return Refuse("does not begin with $, the whole document");
    path_->from_root_ = true;
    return ParseSteps(/*rows=*/true);
  }

  absl::Status ParseValue() {
    if (Take('$')) {
      path_->from_root_ = true;
    } else if (!Take('@')) {
      while (Take('^')) ++path_->up_;
    }
    const bool anchored = pos_ > 0;
    if (!path_->from_root_ && Take('~')) {
      path_->is_name_ = true;
      if (AtEnd()) return absl::OkStatus();
      return Refuse("goes on after ~, which ends a path");
    }
    if (!anchored && !AtEnd() && text_[pos_] != '[') {
      RETURN_IF_ERROR(ParseName());
    }
    return ParseSteps(/*rows=*/false);
  }

 private:
  bool AtEnd() const { return pos_ == text_.size(); }
  bool Take(char c) {
    if (AtEnd() || text_[pos_] != c) return false;
    ++pos_;
    return true;
  }

  absl::Status Refuse(absl::string_view problem) const {
    return absl::InvalidArgumentError(absl::StrCat(
        "the path \"", text_, "\" ", problem, ", at column ", pos_ + 1));
  }

  absl::Status ParseSteps(bool rows) {
    while (!AtEnd()) {
      if (path_->steps_.size() == kMostSteps) return Refuse("is too long");
      if (Take('.')) {
        if (Take('*')) {
          path_->steps_.push_back({Kind::kEach, "", 0});
        } else {
          RETURN_IF_ERROR(ParseName());
        }
      } else if (Take('[')) {
        RETURN_IF_ERROR(ParseBrackets(rows));
      } else {
        return Refuse(
            "goes on without \".\" or \"[\"; quote names that hold other "
            "characters, as in ['odd name']");
      }
      if (!rows && path_->steps_.back().kind == Kind::kEach) {
        return Refuse(
            "has *, which only the option rows may have: it stands for many "
            "values, and a cell is one");
      }
    }
    return absl::OkStatus();
  }

  absl::Status ParseName() {
    const size_t begin = pos_;
    while (!AtEnd() && text_[pos_] != '.' && text_[pos_] != '[') {
      const char c = text_[pos_];
      if (c == ']' || c == '*' || c == '~' || c == '^' || c == '@' ||
          c == '\'' || c == '"') {
        return Refuse(absl::StrCat("has ", absl::string_view(&c, 1),
                                   " in a name; quote it, as in ['odd name']"));
      }
      ++pos_;
    }
    if (pos_ == begin) return Refuse("lacks a name");
    path_->steps_.push_back(
        {Kind::kMember, std::string(text_.substr(begin, pos_ - begin)), 0});
    return absl::OkStatus();
  }

  absl::Status ParseBrackets(bool rows) {
    Step step;
    if (Take('*')) {
      step.kind = Kind::kEach;
    } else if (Take('#')) {
      if (rows)
        return Refuse("has #, the place of a row, which is sought here");
      step.kind = Kind::kRowIndex;
    } else if (!AtEnd() && (text_[pos_] == '\'' || text_[pos_] == '"')) {
      RETURN_IF_ERROR(ParseQuoted(&step.name));
    } else {
      const size_t end = std::min(text_.find(']', pos_), text_.size());
      step.kind = Kind::kIndex;
      if (!absl::SimpleAtoi(text_.substr(pos_, end - pos_), &step.index)) {
        return Refuse(
            "has neither a number nor * nor # nor a quoted name in its "
            "brackets");
      }
      pos_ = end;
    }
    if (!Take(']')) return Refuse("lacks a closing bracket");
    path_->steps_.push_back(std::move(step));
    return absl::OkStatus();
  }

  absl::Status ParseQuoted(std::string* name) {
    const char quote = text_[pos_++];
    while (!AtEnd() && text_[pos_] != quote) {
      if (text_[pos_] == '\\' && pos_ + 1 < text_.size()) ++pos_;
      name->push_back(text_[pos_++]);
    }
    return Take(quote) ? absl::OkStatus() : Refuse("lacks a closing quote");
  }

  const absl::string_view text_;
  JsonPath* const path_;
  size_t pos_ = 0;
};

// Follows the steps of a path to the rows.
class JsonPath::Walk {
 public:
  Walk(const JsonPath& path, const Json& root,
       const std::function<absl::Status(const JsonRow&)>& visit)
      : path_(path), root_(root), visit_(visit) {}

  absl::Status Run() {
    RETURN_IF_ERROR(From({&root_, "", 0}, 0, "$"));
    // Where some parts have the array and others lack it, those have no rows.
    return found_ ? absl::OkStatus() : nowhere_;
  }

 private:
  absl::Status From(const JsonNode& node, size_t step,
                    const std::string& place) {
    if (step == path_.steps_.size()) return Visit(node, place);
    const Step& next = path_.steps_[step];
    if (next.kind == Kind::kEach) return Each(node, step, place);
    above_.push_back(node);
    absl::Status status = One(node, next, step, place);
    above_.pop_back();
    return status;
  }

  absl::Status One(const JsonNode& node, const Step& next, size_t step,
                   const std::string& place) {
    const Json& value = *node.value;
    if (next.kind == Kind::kMember) {
      const Json* member = Member(value, next.name);
      if (member == nullptr) return NoMember(value, next.name, place);
      return From({member, next.name, 0}, step + 1,
                  absl::StrCat(place, ".", next.name));
    }
    const int64_t size = value.is_array() ? value.size() : 0;
    const int64_t index = next.index < 0 ? size + next.index : next.index;
    if (index < 0 || index >= size) {
      return Nowhere(absl::StrCat(place, " is ", KindOf(value),
                                  " and has no element ", next.index));
    }
    return From({&value[index], "", static_cast<size_t>(index)}, step + 1,
                absl::StrCat(place, "[", index, "]"));
  }

  absl::Status Each(const JsonNode& node, size_t step,
                    const std::string& place) {
    const Json& value = *node.value;
    if (value.is_null()) {
      found_ = true;
      return absl::OkStatus();
    }
    if (IsScalar(value)) {
      return Nowhere(
          absl::StrCat(place, " is ", KindOf(value), " and has no elements"));
    }
    found_ |= value.empty();
    // An array is no holder of its elements, unless it is an element itself.
    const bool holds = step > 0 && path_.steps_[step - 1].kind == Kind::kEach;
    if (holds) above_.push_back(node);
    absl::Status status = Elements(value, step, place);
    if (holds) above_.pop_back();
    return status;
  }

  absl::Status Elements(const Json& value, size_t step,
                        const std::string& place) {
    size_t index = 0;
    for (const auto& member : value.items()) {
      const std::string name = value.is_object() ? member.key() : "";
      std::string inner = value.is_object()
                              ? absl::StrCat(place, ".", name)
                              : absl::StrCat(place, "[", index, "]");
      RETURN_IF_ERROR(From({&member.value(), name, index}, step + 1, inner));
      ++index;
    }
    return absl::OkStatus();
  }

  absl::Status Visit(const JsonNode& node, const std::string& place) {
    found_ = true;
    JsonRow row{.root = &root_, .node = node, .place = place};
    row.holders.assign(above_.rbegin(), above_.rend());
    return visit_(row);
  }

  absl::Status NoMember(const Json& value, const std::string& name,
                        const std::string& place) {
    std::vector<std::string> names;
    if (value.is_object()) {
      for (const auto& member : value.items()) names.push_back(member.key());
    }
    return Nowhere(absl::StrCat(place, " is ", KindOf(value),
                                " and has no member \"", name, "\"",
                                DidYouMean(name, names)));
  }

  absl::Status Nowhere(absl::string_view problem) {
    if (nowhere_.ok()) {
      nowhere_ = absl::InvalidArgumentError(absl::StrCat(
          "the path \"", path_.text_, "\" leads nowhere: ", problem));
    }
    return absl::OkStatus();
  }

  const JsonPath& path_;
  const Json& root_;
  const std::function<absl::Status(const JsonRow&)>& visit_;
  std::vector<JsonNode> above_;
  bool found_ = false;
  absl::Status nowhere_;
};

absl::StatusOr<JsonPath> JsonPath::CompileRows(absl::string_view text) {
  JsonPath path;
  RETURN_IF_ERROR(Parser(text, &path).ParseRows());
  return path;
}

absl::StatusOr<JsonPath> JsonPath::CompileValue(absl::string_view text) {
  JsonPath path;
  if (text.empty()) {
    return absl::InvalidArgumentError("an empty path names no value");
  }
  RETURN_IF_ERROR(Parser(text, &path).ParseValue());
  return path;
}

bool JsonPath::IsPath(absl::string_view name) {
  if (name.empty()) return false;
  const char first = name[0];
  return first == '$' || first == '@' || first == '^' || first == '~' ||
         name.find('[') != absl::string_view::npos;
}

absl::Status JsonPath::ForEachRow(
    const Json& root,
    const std::function<absl::Status(const JsonRow&)>& visit) const {
  return Walk(*this, root, visit).Run();
}

const Json* JsonPath::Follow(const Json* value, size_t row_index) const {
  for (const Step& step : steps_) {
    if (step.kind == Kind::kMember) {
      value = Member(*value, step.name);
    } else {
      const int64_t size = value->is_array() ? value->size() : 0;
      int64_t index = step.kind == Kind::kRowIndex
                          ? static_cast<int64_t>(row_index)
                          : step.index;
      if (index < 0) index += size;
      value = index < 0 || index >= size ? nullptr : &(*value)[index];
    }
    if (value == nullptr) return nullptr;
  }
  return value;
}

std::optional<Json> JsonPath::Find(const JsonRow& row) const {
  if (up_ > row.holders.size()) return std::nullopt;
  const JsonNode& start = up_ == 0 ? row.node : row.holders[up_ - 1];
  if (is_name_) return Json(start.name);
  const Json* found =
      Follow(from_root_ ? row.root : start.value, row.node.index);
  if (found == nullptr) return std::nullopt;
  return *found;
}

std::optional<Json> JsonPath::FindIn(const Json& root) const {
  return Find({.root = &root, .node = {&root, "", 0}});
}

}  // namespace headway::formats
