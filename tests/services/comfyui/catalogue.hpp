// SPDX-License-Identifier: Apache-2.0
// The node classes of a ComfyUI server, as its object_info describes them. Pure.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"

namespace weft::comfy_fake {

// What a node class says about one of its inputs.
struct InputRule {
  std::string name;
  bool required = false;
  std::string type;                    // "INT", "MODEL", ...; "COMBO" for a choice
  std::optional<json::array> choices;  // of a COMBO
  std::optional<double> min, max;      // of a number
  bool is_file = false;                // a file of the input folder: checked on the disk
};

class Catalogue {
 public:
  // `object_info` as GET /object_info answers.
  explicit Catalogue(json::object object_info) : info_(std::move(object_info)) {}

  const json::object& object_info() const noexcept { return info_; }
  // Null: no such class.
  const json::object* find(std::string_view class_type) const noexcept;
  std::vector<InputRule> inputs(std::string_view class_type) const;
  // The types of a class's outputs.
  std::vector<std::string> outputs(std::string_view class_type) const;
  bool is_output_node(std::string_view class_type) const noexcept;

  // Takes a class away, or one choice of one input: as a server that lacks a custom node or a
  // model.
  void remove_class(std::string_view class_type) { info_.erase(class_type); }
  void set_choices(std::string_view class_type, std::string_view input, json::array choices);

 private:
  json::object info_;
};

}  // namespace weft::comfy_fake
