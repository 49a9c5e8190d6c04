// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "artifact/media_type.hpp"
#include "plugin/blob.hpp"
#include "plugin/results.hpp"
#include "plugin/services/tables.hpp"

namespace weft::plugin::services {
namespace {

constexpr std::size_t token_bytes_at_most = 4096;

void progress(const weft_host* host, weft_id job, std::int32_t permille, weft_str stage) noexcept {
  Core* core = living(host);
  if (!core) return;
  const std::string shown = core->host.parts.redactor.redact(clean(view(stage)));
  if (core->jobs.progress(job, std::clamp(permille, -1, 1000), shown))
    core->on_strand([job](Core& later) { later.jobs.flush_progress(job); });
  else if (!core->jobs.is_open(job))
    core->misbehaved("it tells progress of a job that is not open", job);
}

// Waits until the engine says that the token is durable (Instance::checkpointed).
class Checkpoint final : public Operation {
 public:
  Checkpoint(Core& core, weft_id op) : core_(core.weak_from_this()), op_(op) {}
  void begin() override {}
  void cancel() override {
    if (const auto core = core_.lock()) core->finish(op_, WEFT_EV_CHECKPOINT, WEFT_CANCELLED);
  }

 private:
  std::weak_ptr<Core> core_;
  weft_id op_;
};

weft_status checkpoint(const weft_host* host, weft_id op, weft_id job, weft_str token) noexcept {
  Core* core = living(host);
  if (!core) return WEFT_CANCELLED;
  if (job == 0 || view(token).empty() || view(token).size() > token_bytes_at_most) {
    core->misbehaved("a checkpoint needs a job and a token of 1 to 4096 bytes", job);
    return WEFT_BAD_INPUT;
  }
  if (auto status = core->start(op, job, std::make_shared<Checkpoint>(*core, op));
      status != WEFT_OK)
    return status;
  if (core->jobs.checkpoint(job, op, std::string(view(token)))) return WEFT_OK;
  return core->operations.remove(op) ? WEFT_BAD_INPUT : WEFT_OK;
}

// What the outputs object holds for one artifact.
json::value output_json(ArtifactInfo artifact, std::string label, const json::object& meta) {
  std::ranges::replace(label, '/', '_');
  artifact.name = label + std::string(artifact::extension_of(artifact.media_type));
  json::value value = to_json(artifact);
  if (!meta.empty()) value.get_object()["meta"] = meta;
  return value;
}

weft_status status_of(const Error& error) noexcept {
  if (error.kind == ErrorKind::invalid) return WEFT_BAD_OUTPUT;
  return error.kind == ErrorKind::not_found ? WEFT_BAD_INPUT : WEFT_EXHAUSTED;
}

// The store syncs to disk: in a worker that already blocks, but never in the thread of the strands.
struct Output {
  Blob blob;
  std::string name;
  json::object meta;

  result<json::value> store(Core& core, weft_id job) const {
    auto stored = store_blob(blob, core.job_folder(job), core.host.parts.artifacts);
    if (!stored) return std::move(stored.error()).in("output '" + name + "'");
    return output_json(std::move(*stored), core.jobs.label(job), meta);
  }
  weft_status store_now(Core& core, weft_id job) const {
    auto value = store(core, job);
    if (!value) {
      core.log.error("an output cannot be stored", {{"error", value.error().to_string()}});
      return status_of(value.error());
    }
    if (const auto place = core.jobs.take_place(job, name)) {
      core.jobs.fill_place(job, *place, std::move(value));
      return WEFT_OK;
    }
    return WEFT_BAD_INPUT;
  }
  weft_status store_later(Core& core, weft_id job) && {
    const auto place = core.jobs.take_place(job, name);
    if (!place) return WEFT_BAD_INPUT;
    core.host.pool.post(
        [self = core.shared_from_this(), job, place = *place, output = std::move(*this)] {
          self->jobs.fill_place(job, place, output.store(*self, job));
        });
    return WEFT_OK;
  }
};

result<Output> copy_output(const weft_named& named, std::string_view meta,
                           const ArtifactTable& artifacts) {
  if (view(named.name).empty()) return invalid("an output has no name");
  auto blob = copy_blob(named.blob, artifacts);
  if (!blob) return blob.error();
  Output output{std::move(*blob), std::string(view(named.name)), {}};
  if (meta.empty()) return output;
  auto parsed = parse_json(meta);
  if (!parsed || !parsed->is_object()) return invalid("an output's meta is no JSON object");
  output.meta = std::move(parsed->get_object());
  return output;
}

weft_status output(const weft_host* host, weft_id job, const weft_named* named,
                   weft_str meta) noexcept {
  Core* core = living(host);
  if (!core) return WEFT_CANCELLED;
  if (!named || !core->jobs.is_open(job)) {
    core->misbehaved("it puts something out for a job that is not open", job);
    return WEFT_BAD_INPUT;
  }
  auto copy = copy_output(*named, view(meta), core->host.artifacts);
  if (!copy) {
    core->misbehaved(copy.error().message, job);
    return WEFT_BAD_INPUT;
  }
  if (core->blocks) return copy->store_now(*core, job);
  if (copy->blob.kind == WEFT_FILE) {
    core->misbehaved("an adapter puts out a file; it is to commit it (weft.artifact/1)", job);
    return WEFT_BAD_INPUT;
  }
  return std::move(*copy).store_later(*core, job);
}

void end(const weft_host* host, weft_id id, const weft_result* result) noexcept {
  if (Core* core = living(host)) core->end(id, result);
}

std::int32_t cancelled(const weft_host* host, weft_id job) noexcept {
  Core* core = living(host);
  return !core || core->jobs.is_stopped(job) ? 1 : 0;
}

}  // namespace

constinit const weft_job job_table{sizeof(weft_job), 0,   progress, checkpoint,
                                   output,           end, cancelled};

}  // namespace weft::plugin::services
