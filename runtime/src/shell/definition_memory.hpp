// SPDX-License-Identifier: Apache-2.0
// Definitions that were read lately. Reading is a pure function of the text, the configuration and
// the services, so a thousand runs of one text need to read it once, and share one Pipeline.
#pragma once
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "model/batch.hpp"
#include "model/definition.hpp"
#include "route/services.hpp"
#include "shell/environment.hpp"

namespace weft::shell {

using Services = std::shared_ptr<const route::ServiceTable>;

// All functions may be called by any thread, always with the same environment. What was read with
// other services is forgotten, and so is at once what uses definitions that lie beside it. A task
// that no service can do is a mistake in the definition.
struct Vocabulary;

class DefinitionMemory {
 public:
  // Finds what is kept under a name, "scene" or "scene@3".
  using FindSaved = std::function<result<PipelineText>(const std::string& name)>;
  // Without `find_saved` a definition can only use those that lie beside it.
  explicit DefinitionMemory(FindSaved find_saved = {}) : find_saved_(std::move(find_saved)) {}

  result<ReadPipeline> read(const std::string& text, const std::string& file,
                            const Environment& environment, const Services& services);
  // The pipeline of a run that the store has.
  result<std::shared_ptr<const Pipeline>> read_stored(const StoredRun& stored,
                                                      const Environment& environment,
                                                      const Services& services);

 private:
  // `is_all`: the key holds all that the definition hangs on, other definitions included.
  template <class Read>
  result<ReadPipeline> remembered(std::string key, bool is_all, const Services& services,
                                  const Read& read);

  DefinitionContext context_for(const Environment& environment, const Vocabulary& words) const;

  const FindSaved find_saved_;
  std::mutex mutex_;
  Services services_;
  std::unordered_map<std::string, ReadPipeline> known_;
};

}  // namespace weft::shell
