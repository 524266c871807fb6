#include "daemon/query/functions.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/query/call.h"
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
  return function->apply(call);
}

}  // namespace headway::query
