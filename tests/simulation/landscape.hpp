// SPDX-License-Identifier: Apache-2.0
// The services of a simulated world: what the configuration says of them, and how they behave.
#pragma once
#include <array>
#include <memory>
#include <string>
#include <vector>

#include "random.hpp"
#include "route/services.hpp"

namespace weft::simulation {

enum class Mood : std::uint8_t {
  well,
  moody,   // fails now and then, in every way
  broken,  // mostly fails
  gone,    // cannot be reached, and forgets jobs
};

struct ModelService {
  route::Service service;
  Mood mood = Mood::well;
  bool tokens = true;  // announces checkpoints
  std::int64_t slowest_ms = 1'000;
};

class Landscape {
 public:
  explicit Landscape(Random& random);

  const std::vector<ModelService>& services() const noexcept { return services_; }
  std::vector<std::string> names() const;
  ModelService* find(const std::string& name) noexcept;

  // Everything configured, everything available, all slots.
  std::shared_ptr<const route::ServiceTable> whole_table() const;
  // Somebody edits the configuration: services go away or become unavailable, slots change, the
  // order too.
  std::shared_ptr<const route::ServiceTable> changed_table(Random& random) const;
  void change_moods(Random& random);

 private:
  void add(Random& random, std::size_t index);
  std::array<std::uint32_t, 3> slots_{};  // by class_names
  std::vector<ModelService> services_;
};

}  // namespace weft::simulation
