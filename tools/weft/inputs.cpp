// SPDX-License-Identifier: Apache-2.0
#include "inputs.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <fstream>
#include <iterator>

#include "base/json.hpp"

namespace weft::cli {
namespace {

// Names as definitions write them: [a-z][a-z0-9_]*.
bool is_name(std::string_view text) {
  const auto lower = [](char c) { return c >= 'a' && c <= 'z'; };
  return !text.empty() && lower(text[0]) && std::all_of(text.begin(), text.end(), [&](char c) {
    return lower(c) || (c >= '0' && c <= '9') || c == '_';
  });
}

result<void> check_file(const std::filesystem::path& file) {
  std::error_code problem;
  const auto status = std::filesystem::status(file, problem);
  if (!std::filesystem::exists(status)) return not_found("no file '" + file.string() + "'");
  if (std::filesystem::is_directory(status))
    return invalid("'" + file.string() + "' is a folder", "name a file");
  return {};
}

result<GivenInput> from_file(const std::filesystem::path& file) {
  if (file.extension() != ".json") {
    if (auto found = check_file(file); !found) return found.error();
    return given_file(file);
  }
  auto text = read_text(file);
  if (!text) return text.error();
  auto value = parse_json(*text, file.string());
  if (!value) return value.error();
  return given_json(json::serialize(*value));
}

// A second file for an input that already has one makes a list of them.
result<void> add(std::map<std::string, GivenInput>& inputs, const std::string& name,
                 GivenInput given) {
  const auto [place, is_new] = inputs.try_emplace(name, given);
  if (is_new) return {};
  GivenInput& before = place->second;
  const bool was_files = !before.list.empty() || !before.file.empty();
  if (!was_files || given.file.empty())
    return invalid("input '" + name + "' is given twice",
                   "a list of values is written as JSON: -i '" + name +
                       "=[1, 2]'; only files may be given one by one");
  if (before.list.empty()) before = given_list({before});
  before.list.push_back(std::move(given));
  return {};
}

}  // namespace

result<std::string> read_text(const std::filesystem::path& file) {
  if (auto found = check_file(file); !found) return found.error();
  std::ifstream stream(file, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(stream), {}};
  if (!stream) return machine("cannot read '" + file.string() + "'", "check its rights");
  return text;
}

result<std::map<std::string, GivenInput>> parse_inputs(const std::vector<std::string>& given) {
  std::map<std::string, GivenInput> inputs;
  for (const std::string& text : given) {
    const std::size_t equals = text.find('=');
    const std::string name = text.substr(0, equals);
    if (equals == std::string::npos || !is_name(name))
      return invalid("'" + text + "' is not an input", "write -i name=value or -i name=@file");
    const std::string value = text.substr(equals + 1);
    auto input =
        value.starts_with('@') ? from_file(value.substr(1)) : result<GivenInput>(given_text(value));
    if (!input) return std::move(input.error()).in("input '" + name + "'");
    if (auto added = add(inputs, name, std::move(*input)); !added) return added.error();
  }
  return inputs;
}

result<std::vector<SaveTarget>> parse_save_targets(const std::vector<std::string>& given) {
  std::vector<SaveTarget> targets;
  for (const std::string& text : given) {
    const std::size_t equals = text.find('=');
    const bool named = equals != std::string::npos && is_name(text.substr(0, equals));
    SaveTarget target{named ? text.substr(0, equals) : std::string{},
                      named ? text.substr(equals + 1) : text};
    std::error_code problem;
    const auto folder = target.file.has_parent_path() ? target.file.parent_path() : ".";
    if (target.file.empty())
      return invalid("'" + text + "' names no file", "write -o FILE or -o NAME=FILE");
    if (!std::filesystem::is_directory(folder, problem))
      return not_found("no folder '" + folder.string() + "' to save '" + text + "' in",
                       "make the folder first");
    targets.push_back(std::move(target));
  }
  return targets;
}

}  // namespace weft::cli
