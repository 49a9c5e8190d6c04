// SPDX-License-Identifier: Apache-2.0
#include "help.hpp"

namespace weft::cli {

HelpFormatter::HelpFormatter() {
  column_width(30);
  label("SUBCOMMAND", "COMMAND");
  label("Positionals", "Arguments");
  label("Subcommands", "Commands");
}

std::string HelpFormatter::make_usage(const CLI::App* app, std::string name) const {
  return "\n" + Formatter::make_usage(app, std::move(name));
}

std::string HelpFormatter::make_option_opts(const CLI::Option* option) const {
  if (option->get_positional() || option->get_type_size() == 0) return {};
  const std::string type = option->get_type_name();  // "NUMBER:INT in [-100 - 100]"
  return " " + type.substr(0, type.find(':'));
}

std::string HelpFormatter::make_footer(const CLI::App* app) const {
  const bool inner = app->get_parent() != nullptr;
  return Formatter::make_footer(app) +
         (inner ? "\nOptions for every command, such as --json and --state: weft --help\n" : "");
}

}  // namespace weft::cli
