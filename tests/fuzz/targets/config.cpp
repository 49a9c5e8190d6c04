// SPDX-License-Identifier: Apache-2.0
// A configuration file beside one that it may include.
#include <fstream>

#include "model_support.hpp"
#include "target.hpp"
#include "temp_folder.hpp"

namespace weft::fuzz {
namespace {

void check_price(const Price& price) {
  const MaybeMoney nothing = price.of({});
  const MaybeMoney picture = price.of({{"width", 1280}, {"height", 720}, {"prompt", "a"}});
  for (const MaybeMoney& amount : {nothing, picture}) {
    expect(!amount || amount->micros >= 0, "a price is not negative");
    if (price.is_free()) expect(amount && amount->micros == 0, "what is free costs nothing");
  }
}

}  // namespace

void config(std::string_view input) {
  static const testing::TempFolder folder;
  const auto file = folder.path() / "weft.toml";
  std::ofstream(file, std::ios::binary | std::ios::trunc) << input;
  const auto lookup = testing::lookup(folder.path());
  const auto read = read_config(file, lookup);
  const auto again = read_config(file, lookup);
  expect(read.has_value() == again.has_value(), "reading twice comes out the same");
  if (!read) {
    expect(read.error().to_string() == again.error().to_string(), "equal texts, equal mistakes");
    return;
  }
  expect(!read->classes.empty(), "there are always classes");
  for (const ServiceConfig& service : read->services) {
    expect(!service.name.empty() && !service.component.empty(), "a service is of a component");
    expect(service.slots > 0, "an attempt takes a slot");
    if (service.price) check_price(*service.price);
  }
}

}  // namespace weft::fuzz
