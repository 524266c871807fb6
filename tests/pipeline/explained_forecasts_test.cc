// Issued forecasts with breaks and regressors, through a store.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "daemon/forecast/math/normal.h"
#include "tests/pipeline/executor_fixture.h"

namespace headway::pipeline {
namespace {

using ::testing::Contains;
using ::testing::SizeIs;

class ExplainedForecastsTest : public ExecutorTest {
 protected:
  // A series that returns to 50.
  static std::vector<double> Orders(int size, uint64_t seed = 1) {
    forecast::NormalGenerator normal(seed);
    std::vector<double> values = {50};
    while (static_cast<int>(values.size()) < size) {
      values.push_back(50 + 0.6 * (values.back() - 50) + 5 * normal.Next());
    }
    return values;
  }

  // Three times the orders, and a little noise.
  static std::vector<double> SalesOf(const std::vector<double>& orders) {
    forecast::NormalGenerator normal(9);
    std::vector<double> values;
    for (double value : orders) values.push_back(3 * value + normal.Next());
    return values;
  }

  void LoadSales() {
    Load(R"(
pipeline {
  name: "chips"
  indicator { name: "orders" expression: "orders_usd" unit: "USD"
    forecast { method: "arima" } }
  indicator { name: "sales" expression: "sales_usd" unit: "USD"
    forecast { method: "arima" horizon: 6 regressor { indicator: "orders" } } }
})");
  }
};

TEST_F(ExplainedForecastsTest, AnIndicatorExplainsAnotherByItsOwnForecast) {
  LoadSales();
  const std::vector<double> orders = Orders(60);
  Push("orders_usd", orders);
  Push("sales_usd", SalesOf(orders));
  Execute();
  const std::vector<v1::Forecast> sales = Issue("sales");
  ASSERT_THAT(sales, SizeIs(1));
  ASSERT_EQ(sales[0].regressors_size(), 1) << sales[0].error();
  EXPECT_EQ(sales[0].regressors(0).name(), "orders");
  EXPECT_NEAR(sales[0].regressors(0).coefficient(), 3, 0.1);
  const v1::Forecast of_orders = Issue("orders")[0];
  for (int h = 0; h < 6; ++h) {
    EXPECT_NEAR(sales[0].steps(h).point(), 3 * of_orders.steps(h).point(), 3);
  }
  // The noise of the sales is of one, that of what explains them of fifteen.
  const v1::ForecastStep& last = sales[0].steps(5);
  EXPECT_GT(last.quantiles(last.quantiles_size() - 1).value() -
                last.quantiles(0).value(),
            40);
}

TEST_F(ExplainedForecastsTest, WhatIsKnownOfARegressorAheadIsNoDoubt) {
  LoadSales();
  const std::vector<double> orders = Orders(66);
  Push("orders_usd", orders);
  Push("sales_usd", SalesOf({orders.begin(), orders.begin() + 60}));
  Execute();
  const v1::Forecast sales = Issue("sales")[0];
  for (int h = 0; h < 6; ++h) {
    EXPECT_NEAR(sales.steps(h).point(), 3 * orders[60 + h], 5);
    const v1::ForecastStep& step = sales.steps(h);
    EXPECT_LT(step.quantiles(step.quantiles_size() - 1).value() -
                  step.quantiles(0).value(),
              10);
  }
}

TEST_F(ExplainedForecastsTest, NewValuesOfARegressorHaveTheForecastMadeAnew) {
  LoadSales();
  std::vector<double> orders = Orders(60);
  Push("orders_usd", orders);
  Push("sales_usd", SalesOf(orders));
  Execute();
  const v1::Forecast before = Issue("sales")[0];
  EXPECT_THAT(Steps(Execute()), Contains("FORECAST sales SKIPPED"));
  orders.push_back(90);
  Push("orders_usd", orders);
  EXPECT_THAT(Steps(Execute()), Contains("FORECAST sales SUCCEEDED"));
  const v1::Forecast after = Issue("sales")[0];
  EXPECT_EQ(after.carried_from(), "");
  EXPECT_GT(after.steps(0).point(), before.steps(0).point() + 50);
}

TEST_F(ExplainedForecastsTest, ARegressorWithoutValuesIsSaidInTheForecast) {
  LoadSales();
  Push("sales_usd", Orders(60));
  Execute();
  EXPECT_EQ(Issue("sales")[0].error(),
            "regressor orders: it has no values yet");
}

TEST_F(ExplainedForecastsTest, ADeclaredBreakIsIssuedWithTheForecast) {
  std::vector<double> values = Orders(60);
  for (size_t t = 40; t < 60; ++t) values[t] += 200;
  Load(R"(
pipeline {
  name: "chips"
  indicator { name: "orders" expression: "orders_usd" unit: "USD"
    forecast { break { period: "2023-05" reason: "another law" } } }
})");
  Push("orders_usd", values);
  Execute();
  const v1::Forecast forecast = Issue("orders")[0];
  ASSERT_EQ(forecast.breaks_size(), 1) << forecast.error();
  EXPECT_EQ(forecast.breaks(0).reason(), "another law");
  EXPECT_NEAR(forecast.breaks(0).step(), 200, 15);
  EXPECT_NEAR(forecast.steps(11).point(), 250, 20);
}

TEST_F(ExplainedForecastsTest, AnotherBreakHasTheForecastMadeAnew) {
  const auto load = [this](const std::string& period) {
    Load(R"(
pipeline {
  name: "chips"
  indicator { name: "orders" expression: "orders_usd" unit: "USD"
    forecast { method: "naive" break { period: ")" +
         period + R"(" kind: START } } }
})");
  };
  load("2021-01");
  Push("orders_usd", Orders(60));
  Execute();
  load("2022-01");
  EXPECT_THAT(Steps(Execute()), Contains("FORECAST orders SUCCEEDED"));
  EXPECT_EQ(Issue("orders")[0].breaks(0).period(), "2022-01");
}

TEST_F(ExplainedForecastsTest, AnAnomalyIsIssuedWithTheForecast) {
  std::vector<double> values = Orders(60);
  values[30] += 300;
  Load(R"(
pipeline {
  name: "chips"
  indicator { name: "orders" expression: "orders_usd" unit: "USD"
    forecast { method: "theta" } }
})");
  Push("orders_usd", values);
  Execute();
  const v1::Forecast forecast = Issue("orders")[0];
  ASSERT_EQ(forecast.anomalies_size(), 1);
  EXPECT_EQ(forecast.anomalies(0).period(), "2022-07");
  EXPECT_EQ(forecast.anomalies(0).observed(), values[30]);
}

}  // namespace
}  // namespace headway::pipeline
