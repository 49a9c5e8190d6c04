// SPDX-License-Identifier: Apache-2.0
#include "plugin/task_view.hpp"

#include <boost/json.hpp>

#include "plugin/text.hpp"

namespace weft::plugin {

TaskView::TaskView(weft_id id, const Job& job, const Asked& asked, ArtifactTable& artifacts)
    : params_(json::serialize(asked.params)),
      options_(json::serialize(asked.options)),
      key_(job.idempotency_key.to_string()),
      run_(job.attempt.run.to_string()),
      currency_(job.budget ? job.budget->currency.code() : std::string_view()) {
  std::size_t count = 0;
  for (const BoundInput& input : job.task->inputs) count += input.artifacts.size();
  digests_.reserve(count);  // short texts would move with their vector
  for (const BoundInput& input : job.task->inputs)
    for (const ArtifactInfo& artifact : input.artifacts) {
      digests_.push_back(artifact.digest.to_string());
      inputs_.push_back({borrow(input.name),
                         {WEFT_ARTIFACT, WEFT_RAW, borrow(digests_.back()), 0, artifact.size_bytes,
                          artifacts.id_of(artifact), borrow(artifact.media_type)}});
    }
  raw_.size = sizeof raw_;
  raw_.attempt = job.attempt.attempt;
  raw_.job = id;
  raw_.operation = borrow(job.operation);
  raw_.params = borrow(params_);
  raw_.options = borrow(options_);
  raw_.inputs = {inputs_.data(), static_cast<std::uint32_t>(inputs_.size()), sizeof(weft_named)};
  raw_.idempotency_key = borrow(key_);
  raw_.deadline_ms = job.deadline.is_set() ? to_unix_ms(job.deadline.at()) : 0;
  raw_.budget_micros = job.budget ? job.budget->micros : -1;
  raw_.currency = borrow(currency_);
  raw_.run = borrow(run_);
  raw_.label = borrow(job.label);
}

}  // namespace weft::plugin
