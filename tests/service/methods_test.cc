// The tables of methods against the services of the API: nothing is missing,
// and each method is of the kind that its proto says.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "daemon/service/admin/service.h"
#include "daemon/service/forecast/service.h"
#include "daemon/service/indicator/service.h"
#include "daemon/service/operation/service.h"
#include "daemon/service/pipeline/service.h"
#include "daemon/service/plugin/service.h"
#include "daemon/service/series/service.h"
#include "google/protobuf/descriptor.h"

namespace headway::service {
namespace {

// By name: the request's type, whether the client streams, whether the server
// does.
using Kinds = std::map<std::string, std::tuple<std::string, bool, bool>>;

Kinds Declared(const std::string& service) {
  Kinds kinds;
  const google::protobuf::ServiceDescriptor* descriptor =
      google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
          absl::StrCat("headway.v1.", service));
  if (descriptor == nullptr) return kinds;
  for (int i = 0; i < descriptor->method_count(); ++i) {
    const google::protobuf::MethodDescriptor& method = *descriptor->method(i);
    kinds[method.name()] = {method.input_type()->full_name(),
                            method.client_streaming(),
                            method.server_streaming()};
  }
  return kinds;
}

Kinds Offered(const Methods& methods) {
  Kinds kinds;
  for (const auto& method : methods.unary()) {
    kinds[method.name] = {method.request->GetTypeName(), false, false};
  }
  for (const auto& method : methods.streams()) {
    kinds[method.name] = {method.request->GetTypeName(), false, true};
  }
  for (const auto& method : methods.uploads()) {
    kinds[method.name] = {method.request->GetTypeName(), true, false};
  }
  return kinds;
}

class MethodsTest : public ::testing::TestWithParam<Methods (*)()> {};

TEST_P(MethodsTest, AreThoseThatTheProtoDeclares) {
  const Methods methods = GetParam()();
  EXPECT_FALSE(Offered(methods).empty());
  EXPECT_EQ(Offered(methods), Declared(methods.service()));
}

INSTANTIATE_TEST_SUITE_P(EveryService, MethodsTest,
                         ::testing::Values(AdminMethods, ForecastMethods,
                                           IndicatorMethods, OperationMethods,
                                           PipelineMethods, PluginMethods,
                                           SeriesMethods),
                         [](const auto& info) {
                           return info.param().service();
                         });

}  // namespace
}  // namespace headway::service
