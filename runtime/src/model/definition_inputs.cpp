// SPDX-License-Identifier: Apache-2.0
// What is to be given: the inputs of a pipeline, and those of a task that waits for them.
#include "base/text.hpp"
#include "model/definition_parts.hpp"

namespace weft {
namespace {

class InputReader {
 public:
  InputReader(const Document& document, std::string pointer, DeclaredName name, Mistakes& mistakes)
      : document_(document),
        pointer_(std::move(pointer)),
        what_(std::move(name.what)),
        mistakes_(mistakes) {
    input_.name = std::move(name.name);
    input_.position = document_.key_position(pointer_);
  }

  InputDeclaration read() {
    check_name(input_.name, input_.position, mistakes_);
    json::value schema = *value_at(document_.root(), pointer_);
    take_media_type(schema);
    const std::vector<Violation> violations = check_schema(schema);
    for (const Violation& violation : violations) {
      const std::string path = pointer_to_path(violation.pointer);
      mistakes_.add(document_.key_position(pointer_ + violation.pointer),
                    what_ + ": " + (path.empty() ? "" : "'" + path + "' ") + violation.message,
                    violation.remedy);
    }
    if (violations.empty() && schema.is_object()) compile(std::move(schema.get_object()));
    return std::move(input_);
  }

 private:
  // A keyword of ours: of any schema but that of an artifact it is an unknown one.
  void take_media_type(json::value& schema) {
    const json::value* type = find_member(schema, "type");
    input_.artifact = type && *type == "artifact";
    const json::value* media_type = find_member(schema, "media_type");
    if (!media_type || !input_.artifact) return;
    if (media_type->is_string() && is_media_type(media_type->get_string()))
      input_.media_type = std::string(media_type->get_string());
    else
      mistakes_.add(document_.value_position(pointer_ + "/media_type"),
                    what_ + ": 'media_type' is no media type", "write one such as \"image/*\"");
    schema.get_object().erase("media_type");
  }

  void compile(json::object schema) {
    if (const json::value* value = schema.if_contains("default")) input_.default_value = *value;
    schema.erase("default");
    auto compiled = Schema::compile(schema);
    if (!compiled)
      return mistakes_.add(document_.value_position(pointer_),
                           what_ + ": " + compiled.error().message, compiled.error().remedy);
    input_.schema = *compiled;
    check_inner_defaults(pointer_, schema, what_);
    if (!input_.default_value) return;
    input_.schema.fill_defaults(*input_.default_value);
    input_.schema.convert_numbers(*input_.default_value);
    check_default(pointer_, input_.schema, *input_.default_value, what_);
  }

  // `pointer` is of the schema that has the default.
  void check_default(const std::string& pointer, const Schema& schema, const json::value& value,
                     const std::string& what) {
    for (const Violation& violation : schema.validate(value)) {
      const std::string path = pointer_to_path(violation.pointer);
      mistakes_.add(
          document_.value_position(pointer + "/default" + violation.pointer),
          "the default of " + what + (path.empty() ? "" : ": " + path) + " " + violation.message,
          violation.remedy);
    }
  }

  // Those of the members of a table, or of a table in a list.
  void check_inner_defaults(const std::string& pointer, const json::value& schema,
                            const std::string& what) {
    if (const json::value* items = find_member(schema, "items"))
      check_inner_defaults(pointer + "/items", *items, what);
    const json::value* properties = find_member(schema, "properties");
    if (!properties) return;
    for (const json::key_value_pair& property : properties->get_object()) {
      const std::string at = child_pointer(pointer + "/properties", property.key());
      const std::string member = what + ": '" + std::string(property.key()) + "'";
      check_inner_defaults(at, property.value(), member);
      const json::value* written = find_member(property.value(), "default");
      const auto compiled = Schema::compile(property.value());
      if (!written || !compiled) continue;
      json::value value = *written;
      compiled->fill_defaults(value);
      compiled->convert_numbers(value);
      check_default(at, *compiled, value, member);
    }
  }

  const Document& document_;
  const std::string pointer_;
  const std::string what_;
  Mistakes& mistakes_;
  InputDeclaration input_;
};

}  // namespace

InputDeclaration read_input(const Document& document, const std::string& pointer,
                            const DeclaredName& name, Mistakes& mistakes) {
  return InputReader(document, pointer, name, mistakes).read();
}

}  // namespace weft
