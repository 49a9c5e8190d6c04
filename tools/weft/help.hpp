// SPDX-License-Identifier: Apache-2.0
// How --help looks.
#pragma once
#include <CLI/CLI.hpp>
#include <string>

namespace weft::cli {

// CLI11's form without what its descriptions say already: types of arguments, ranges, exclusions.
class HelpFormatter final : public CLI::Formatter {
 public:
  HelpFormatter();
  std::string make_usage(const CLI::App* app, std::string name) const override;
  std::string make_option_opts(const CLI::Option* option) const override;
  std::string make_footer(const CLI::App* app) const override;
};

}  // namespace weft::cli
