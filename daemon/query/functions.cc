#include "daemon/query/functions.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/query/call.h"
#include "daemon/query/columns/over_paths.h"
#include "daemon/query/meaning.h"

namespace headway::query {
namespace {

std::vector<const Function*> AllFunctions() {
  std::vector<const Function*> all;
  for (const absl::Span<const Function> functions :
       {GroupFunctions(), ReleaseFunctions(), ColumnFunctions(),
        JoinFunctions(), VintageFunctions()}) {
    for (const Function& function : functions) all.push_back(&function);
  }
  return all;
}

absl::StatusOr<const Function*> FindFunction(const FunctionCallNode& node,
                                             size_t column) {
  std::vector<std::string> names;
  for (const Function* function : AllFunctions()) {
    if (node.function == function->name) return function;
    names.emplace_back(function->name);
  }
  return ErrorAt(column,
                 absl::StrCat("unknown function \"", node.function, "\"",
                              SuggestFunction(node.function, names)));
}

const char* KindName(char kind) {
  switch (kind) {
    case 'n':
      return "a number";
    case 's':
      return "a string in quotes";
    default:
      return "series";
  }
}

char KindOf(const ValuePtr& argument) {
  if (argument == nullptr) return 's';
  return argument->number.has_value() ? 'n' : 'x';
}

absl::Status CheckArguments(const Function& function, const Call& call,
                            const std::vector<ValuePtr>& arguments) {
  if (call.grouping().has_value() && !function.grouping) {
    return ErrorAt(
        call.column(),
        absl::StrCat(function.name, " takes no by or without; write ",
                     function.usage));
  }
  const std::string kinds = function.kinds;
  const size_t least = std::min(kinds.find('|'), kinds.size());
  std::string all = kinds;
  if (least < all.size()) all.erase(least, 1);
  if (arguments.size() < least || arguments.size() > all.size()) {
    return ErrorAt(
        call.column(),
        absl::StrCat(function.name, " does not take ", arguments.size(),
                     arguments.size() == 1 ? " argument" : " arguments",
                     "; write ", function.usage));
  }
  for (size_t i = 0; i < arguments.size(); ++i) {
    const char kind = KindOf(arguments[i]);
    if (kind != all[i]) {
      return call.Error(
          i, absl::StrCat("argument ", i + 1, " is ", KindName(kind),
                          ", and must be ", KindName(all[i]), "; write ",
                          function.usage));
    }
  }
  return absl::OkStatus();
}

// Whether the call needs vintages, which no path has.
bool RefusesPaths(const Function& function, const Call& call) {
  if (function.over_paths == OverPaths::kRefused) return true;
  if (function.refusing == nullptr) return false;
  return std::any_of(
      call.node().arguments.begin(), call.node().arguments.end(),
      [&](const NodePtr& argument) {
        const auto* text = std::get_if<StringNode>(&argument->body);
        return text != nullptr && text->value == function.refusing;
      });
}

}  // namespace

bool IsFunction(absl::string_view name) {
  const std::vector<const Function*> all = AllFunctions();
  return std::any_of(all.begin(), all.end(), [&](const Function* function) {
    return name == function->name;
  });
}

absl::StatusOr<Value> ApplyFunction(const FunctionCallNode& node, size_t column,
                                    const std::vector<ValuePtr>& arguments,
                                    Source& source, Effort& effort,
                                    Notes& notes) {
  ASSIGN_OR_RETURN(const Function* function, FindFunction(node, column));
  const Call call(node, column, arguments, source, effort, notes);
  RETURN_IF_ERROR(CheckArguments(*function, call, arguments));
  if (!AnyHasPaths(arguments) || function->over_paths == OverPaths::kAtOnce) {
    return function->apply(call);
  }
  if (RefusesPaths(*function, call)) {
    return ErrorAt(column,
                   absl::StrCat(node.function,
                                ": a path of a forecast has no vintages; "
                                "forecast the indicator directly"));
  }
  // What is worth saying is said of the past.
  bool is_past = true;
  return ApplyToEachPath(arguments, [&](const std::vector<ValuePtr>& shown) {
    Notes unheard;
    const Call one(node, column, shown, source, effort,
                   std::exchange(is_past, false) ? notes : unheard);
    return function->apply(one);
  });
}

}  // namespace headway::query
