// SPDX-License-Identifier: Apache-2.0
// What can be asked for, independent of who does it: "image.generate", "video.concat". The
// canonical operations are compiled in (operations/*.toml); configs may add operations, never
// redefine one.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "model/schema.hpp"

namespace weft {

class TableReader;

// Whose results another task that asks for the same may take (model/result_key.hpp).
enum class Reuse : std::uint8_t {
  never,
  zero_temperature,  // those written with `temperature` 0
  same_seed,         // those with an explicit `seed`
  deterministic,     // all: doing it again gives the same
};
inline const std::vector<std::string> reuse_words{"never", "zero_temperature", "same_seed",
                                                  "deterministic"};

struct OperationInput {
  std::string name;
  std::string media_type;  // "image/*": what the artifact must be
  bool list = false;       // takes a list of artifacts
  bool required = true;
};

struct OperationOutput {
  std::string name;
  std::string media_type;  // of an artifact; "" for a plain value
  json::value schema;      // of a plain value; null for an artifact
};

// Whether a media type is what a pattern asks for: "image/png" fits "image/*". Parameters (";
// charset=utf-8") do not count; a "*" on either side fits everything.
bool media_type_fits(std::string_view media_type, std::string_view pattern) noexcept;

// Whether a text is a media type, or a pattern of some: "image/png", "image/*".
bool is_media_type(std::string_view text) noexcept;

struct Operation {
  std::string name;
  std::string summary;
  Schema params;
  std::vector<OperationInput> inputs;
  std::vector<OperationOutput> outputs;
  Reuse reuse = Reuse::never;
};

class OperationCatalog {
 public:
  // The compiled-in operations.
  static OperationCatalog canonical();
  // Adds what `[operations."x.y"]` tables of a TOML text define; a name that exists is an error,
  // and then nothing is added. The params of every operation are closed, and may hold
  // `options.<component>`.
  result<> add_toml(std::string_view text, const std::string& file);
  // Null when there is none of that name.
  std::shared_ptr<const Operation> find(std::string_view name) const;
  std::vector<std::string> names() const;

 private:
  friend class ConfigReader;
  // The operations that `operations` in the table at `root` defines; mistakes are noted in `root`.
  std::vector<std::shared_ptr<const Operation>> read_tables(TableReader& root) const;
  void add(const std::vector<std::shared_ptr<const Operation>>& added);

  std::vector<std::shared_ptr<const Operation>> operations_;  // sorted by name
};

}  // namespace weft
