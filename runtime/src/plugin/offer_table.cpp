// SPDX-License-Identifier: Apache-2.0
#include "plugin/offer_table.hpp"

#include <boost/json.hpp>

namespace weft::plugin {
namespace {

result<json::object> check_object(const Schema& schema, std::string_view what,
                                  json::object object) {
  json::value whole(std::move(object));
  schema.fill_defaults(whole);
  schema.convert_numbers(whole);
  const auto violations = schema.validate(whole);
  if (violations.empty()) return std::move(whole.get_object());
  std::string message(what);
  for (const Violation& violation : violations)
    message += (&violation == &violations.front() ? " " : "; ") + violation.pointer +
               (violation.pointer.empty() ? "" : " ") + violation.message;
  return invalid(message, violations.front().remedy);
}

}  // namespace

Asked split_options(json::object params, std::string_view component) {
  Asked asked;
  if (const json::value* all = params.if_contains("options"); all && all->is_object()) {
    if (const json::value* own = all->get_object().if_contains(component); own && own->is_object())
      asked.options = own->get_object();
    params.erase("options");
  }
  asked.params = std::move(params);
  return asked;
}

result<OfferTable> OfferTable::compile(const Offer& offer) {
  OfferTable table;
  for (const OfferedOperation& operation : offer.operations) {
    Row row;
    row.has_options = !operation.options.is_null();
    for (auto [source, schema] :
         {std::pair(&operation.params, &row.params), std::pair(&operation.options, &row.options)}) {
      if (source->is_null()) continue;
      auto compiled = Schema::compile(*source);
      if (!compiled) return std::move(compiled.error()).in("operation " + operation.name);
      *schema = std::move(*compiled);
    }
    table.rows_.insert_or_assign(operation.name, std::move(row));
  }
  return table;
}

result<Asked> OfferTable::check(std::string_view operation, Asked asked) const {
  const auto found = rows_.find(operation);
  if (found == rows_.end())
    return not_found("the service does not offer " + std::string(operation));
  if (!found->second.has_options && !asked.options.empty())
    return invalid("the service takes no options for " + std::string(operation));
  auto params = check_object(found->second.params, "params", std::move(asked.params));
  if (!params) return params.error();
  auto options = check_object(found->second.options, "options", std::move(asked.options));
  if (!options) return options.error();
  return Asked{std::move(*params), std::move(*options)};
}

}  // namespace weft::plugin
