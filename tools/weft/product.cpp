// SPDX-License-Identifier: Apache-2.0
// weft product: the versions of a project's products, and what people say of them.
#include <algorithm>
#include <ostream>

#include "base/text.hpp"
#include "commands.hpp"
#include "json_views.hpp"
#include "table.hpp"

namespace weft::cli {
namespace {

struct ProductOptions {
  std::string project;
  std::string product;
};

template <ProductWord word>
result<int> say(Context& context, const ProductOptions& options) {
  auto runtime = context.open(Role::client);
  if (!runtime) return runtime.error();
  const auto said = (*runtime)->say_of_product(options.project, options.product, word);
  if (!said) return said.error();
  if (context.options.json)
    context.print(json::object{{"product", options.product}, {"done", *said}});
  else if (!context.options.quiet)
    context.out() << *said << std::endl;
  return 0;
}

std::string words_of(const ProductVersionView& version) {
  std::vector<std::string> words;
  if (version.current) words.emplace_back("current");
  if (version.pinned) words.emplace_back("pinned");
  if (version.rejected) words.emplace_back("rejected");
  return joined(words, ", ");
}

result<int> list(Context& context, const ProductOptions& options) {
  auto runtime = context.open_to_examine();
  if (!runtime) return runtime.error();
  auto versions = (*runtime)->products(options.project);
  if (!versions) return versions.error();
  if (!options.product.empty()) {
    std::vector<std::string> names;
    for (const ProductVersionView& one : *versions) names.push_back(one.name);
    std::erase_if(*versions, [&](const auto& one) { return one.name != options.product; });
    if (versions->empty())
      return not_found("no version of '" + excerpt(options.product, 100) + "' has been made yet",
                       suggest(options.product, names));
  }
  if (context.options.json) {
    context.print(json::object{{"products", to_json(*versions)}});
    return 0;
  }
  std::ranges::stable_sort(*versions, {}, &ProductVersionView::name);
  Table table({{"PRODUCT"}, {"STATE"}, {""}, {"ARTIFACT"}, {"RUN"}, {"TASK", false, true}});
  for (const ProductVersionView& version : *versions)
    table.add({{version.name, version.current ? Tone::strong : Tone::faint},
               {version.state, tone_of(version.state)},
               {words_of(version)},
               {version.digest.empty() ? "" : short_digest(version.digest)},
               {version.run},
               {version.task, Tone::faint}});
  context.out() << (table.empty() ? "nothing of this project has been made yet\n"
                                  : table.to_string(context.width(), context.color()))
                << std::flush;
  return 0;
}

void add_product_command(CLI::App& product, Context& context, const std::string& name,
                         const std::string& about,
                         result<int> (*act)(Context&, const ProductOptions&)) {
  const auto options = std::make_shared<ProductOptions>();
  CLI::App& command = add_command(product, context, name, about, options, act);
  command.add_option("FILE", options->project, "The project's file")->required();
  auto* which = command.add_option("PRODUCT", options->product, "Such as shot/3/video");
  if (name != "list") which->required();
}

}  // namespace

void add_product_commands(CLI::App& app, Context& context) {
  CLI::App* product = app.add_subcommand("product", "Look at versions of products, keep or reject");
  product->require_subcommand(1);
  add_product_command(*product, context, "list", "List the versions of a project's products", list);
  add_product_command(*product, context, "pin", "Keep this version whatever changes",
                      say<ProductWord::pin>);
  add_product_command(*product, context, "unpin", "Let it be made anew again",
                      say<ProductWord::unpin>);
  add_product_command(*product, context, "reject",
                      "Have it made anew, with a new seed where the recipe says so",
                      say<ProductWord::reject>);
}

}  // namespace weft::cli
