// SPDX-License-Identifier: Apache-2.0
// Templates: those that are compiled in, and files of one's own.
#include <boost/json/serialize.hpp>
#include <fstream>
#include <iterator>

#include "base/text.hpp"
#include "plan/pipeline_template.hpp"
#include "shell/local_runtime.hpp"
#include "shell/shipped_templates.hpp"

namespace weft::shell {
namespace {

result<PipelineTemplate> read_shipped(const ShippedTemplate& shipped) {
  const std::string name(shipped.name);
  return read_template(shipped.text, "templates/" + name + ".toml", name);
}

// A shipped one by its name, or a file.
result<PipelineTemplate> find_template(const std::string& written) {
  std::vector<std::string> names;
  for (const ShippedTemplate& shipped : shipped_templates()) {
    if (shipped.name == written) return read_shipped(shipped);
    names.emplace_back(shipped.name);
  }
  std::ifstream stream(written, std::ios::binary);
  if (written.ends_with(".toml") && stream)
    return read_template(std::string(std::istreambuf_iterator<char>(stream), {}), written,
                         std::filesystem::path(written).stem().string());
  return not_found("there is no template '" + excerpt(written, 100) + "'", suggest(written, names));
}

std::string text_member(const json::value& schema, std::string_view name) {
  const json::value* found = find_member(schema, name);
  return found && found->is_string() ? std::string(found->get_string()) : std::string();
}

TemplateView show_template(const PipelineTemplate& read) {
  TemplateView view{read.name, read.description, {}};
  for (const InputDeclaration& param : read.params)
    view.params.push_back(
        {param.name, text_member(param.schema.source(), "type"),
         text_member(param.schema.source(), "description"),
         param.default_value ? json::serialize(*param.default_value) : std::string()});
  return view;
}

}  // namespace

result<std::vector<TemplateView>> LocalRuntime::templates() {
  std::vector<TemplateView> views;
  for (const ShippedTemplate& shipped : shipped_templates()) {
    auto read = read_shipped(shipped);
    if (!read) return std::move(read).error();
    views.push_back(show_template(*read));
  }
  return views;
}

result<DefinitionView> LocalRuntime::fill_template(
    const std::string& name, const std::map<std::string, std::string>& params) {
  auto found = find_template(name);
  if (!found) return std::move(found).error();
  auto text = weft::fill_template(*found, params);
  if (!text) return std::move(text).error();
  return DefinitionView{std::move(*text), found->name + ".toml"};
}

}  // namespace weft::shell
