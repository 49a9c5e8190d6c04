// SPDX-License-Identifier: Apache-2.0
// What a plugin library says about itself, without any of its code having run: the JSON of its
// section ".weft_manifest" (sdk/include/weft/abi.h). Pure.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "model/schema.hpp"

namespace weft::plugin {

// An operation as a component offers it (sdk/include/weft/adapter.h, describe).
struct OfferedOperation {
  std::string name;
  json::value params;    // a narrower schema than the canonical one; null: as the canonical one
  json::value options;   // schema of what only this component knows; null: it knows nothing more
  json::object inputs;   // {"image": {"media_types": [...], "list": ..., "optional": ...}}; empty:
                         // as the canonical ones
  json::object outputs;  // {"video": {"media_types": [...], "list": ...}}; empty: the same
  std::vector<std::string> tags;
  json::array samples;  // answers that the service might give to a job: {"status", "body"} each
  json::value revision = nullptr;  // differs when the same params may give another result
};

// How an adapter finds a job again after a restart (weft_adapter.attach).
enum class Recover { key, token, none };

// What a component can do. Of an adapter it is the answer to describe, of an executor it stands in
// the manifest.
struct Offer {
  Recover recover = Recover::token;
  std::vector<OfferedOperation> operations;
};

struct ComponentManifest {
  std::string name;  // what TOML calls it: `component = "comfyui"`
  std::string description;
  std::vector<std::string> interfaces;       // "weft.adapter/1"
  std::vector<std::string> needs;            // host services it cannot do without
  json::value config_schema;                 // null: it takes no configuration
  std::string slot_class;                    // executors; "" otherwise
  std::uint32_t slots = 1;                   // what one job takes of the class
  std::vector<OfferedOperation> operations;  // executors

  bool is_adapter() const noexcept;
  bool is_executor() const noexcept;
};

struct Manifest {
  std::string id;       // "org.example.comfyui"
  std::string name;     // "ComfyUI"
  std::string version;  // semver
  std::string license;  // SPDX
  std::string abi;      // "1.0"
  std::vector<ComponentManifest> components;
};

// Kind invalid, with one diagnostic per mistake; `file` names the library in them. An unknown key
// is a mistake. A manifest of another ABI major is an error of its own that names both majors.
result<Manifest> parse_manifest(std::string_view text, const std::string& file);

// The answer to describe. Kind invalid.
result<Offer> parse_offer(std::string_view text, const std::string& component);

// Checks a service's configuration, fills in defaults, and takes members of format "path" relative
// to the file of `position`. Kind invalid: each mistake names its JSON pointer, at `position`.
result<json::object> check_config(const ComponentManifest& component, json::object config,
                                  const SourcePosition& position);

}  // namespace weft::plugin
