// SPDX-License-Identifier: Apache-2.0
// A job in the form that crosses to a plugin.
#pragma once
#include <weft/abi.h>

#include <string>
#include <vector>

#include "plugin/artifact_table.hpp"
#include "plugin/job.hpp"
#include "plugin/offer_table.hpp"

namespace weft::plugin {

// Holds the texts that the raw task borrows; good for the length of one call.
class TaskView {
 public:
  TaskView(weft_id id, const Job& job, const Asked& asked, ArtifactTable& artifacts);
  TaskView(const TaskView&) = delete;
  TaskView& operator=(const TaskView&) = delete;
  const weft_task& raw() const noexcept { return raw_; }

 private:
  std::string params_, options_, key_, run_, currency_;
  std::vector<std::string> digests_;
  std::vector<weft_named> inputs_;
  weft_task raw_{};
};

}  // namespace weft::plugin
