// SPDX-License-Identifier: Apache-2.0
// Every row with tiny work sets: that it runs, and that what it computes is right.
#include <algorithm>
#include <cmath>
#include <set>
#include <string>

#include "catch.hpp"
#include "row.hpp"
#include "temp_folder.hpp"

using namespace weft::bench;

TEST_CASE("every row runs, and its results are right") {
  const std::size_t index = GENERATE(range(std::size_t{0}, rows().size()));
  const Row& row = rows()[index];
  CAPTURE(std::string(row.name));
  const weft::testing::TempFolder folder;
  Bench bench({1, std::chrono::milliseconds{5}}, true, folder.path());
  const auto figures = row.run(bench);
  CHECK_FALSE(figures.empty());
  for (const Figure& figure : figures) {
    CAPTURE(figure.row);
    CHECK(figure.row.starts_with(row.name));
    CHECK(std::isfinite(figure.value.median));
    CHECK(figure.value.min <= figure.value.max);
  }
}

TEST_CASE("no two rows have one name") {
  std::set<std::string_view> names;
  for (const Row& row : rows()) CHECK(names.insert(row.name).second);
}

TEST_CASE("ten thousand jobs at a slow service take no more memory than they may") {
  const auto name = GENERATE(as<std::string>(), "jobs/between-polls", "http/open");
  const auto row = std::ranges::find(rows(), name, &Row::name);
  REQUIRE(row != rows().end());
  const weft::testing::TempFolder folder;
  Bench bench({1, std::chrono::milliseconds{5}}, false, folder.path());
  for (const Figure& figure : row->run(bench)) {
    CAPTURE(figure.row, figure.value.max);
    CHECK(figure.holds() == true);
  }
}
