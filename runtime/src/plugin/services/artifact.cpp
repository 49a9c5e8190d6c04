// SPDX-License-Identifier: Apache-2.0
#include "artifact/media_type.hpp"
#include "plugin/blob.hpp"
#include "plugin/services/tables.hpp"

namespace weft::plugin::services {
namespace {

weft_status reserve(const weft_host* host, weft_id job, weft_str media_type, void* context,
                    weft_take take) noexcept {
  Core* core = living(host);
  if (!core) return WEFT_CANCELLED;
  if (!core->jobs.is_open(job)) return WEFT_BAD_INPUT;
  const std::filesystem::path folder = core->job_folder(job);
  if (folder.empty()) return WEFT_EXHAUSTED;
  const std::string_view type = view(media_type);
  const std::string name = std::to_string(core->host.next_id()) +
                           std::string(type.empty() ? "" : artifact::extension_of(type));
  take(context, borrow((folder / name).string()));
  return WEFT_OK;
}

// A finished file on its way into the store.
class Commit final : public Operation, public std::enable_shared_from_this<Commit> {
 public:
  Commit(Core& core, weft_id op, Blob blob, std::filesystem::path folder)
      : core_(core.weak_from_this()), op_(op), blob_(std::move(blob)), folder_(std::move(folder)) {}

  void begin() override {
    const auto core = core_.lock();
    core->host.pool.post([core, self = shared_from_this()] {
      auto stored = store_blob(self->blob_, self->folder_, core->host.parts.artifacts);
      if (stored) return self->tell(*core, *stored);
      core->log.error("a file cannot be committed", {{"error", stored.error().to_string()}});
      core->finish(self->op_, WEFT_EV_ARTIFACT,
                   stored.error().kind == ErrorKind::not_found ? WEFT_BAD_INPUT : WEFT_EXHAUSTED,
                   stored.error().to_string());
    });
  }
  void cancel() override {
    if (const auto core = core_.lock()) core->finish(op_, WEFT_EV_ARTIFACT, WEFT_CANCELLED);
  }

 private:
  void tell(Core& core, const ArtifactInfo& stored) const {
    core.finish<weft_artifact_event>(
        op_, WEFT_EV_ARTIFACT, WEFT_OK, {},
        [id = core.host.artifacts.id_of(stored), digest = stored.digest.to_string(),
         length = stored.size_bytes](weft_artifact_event& event) {
          event.artifact = id;
          event.digest = borrow(digest);
          event.length = length;
        });
  }
  std::weak_ptr<Core> core_;
  weft_id op_;
  Blob blob_;
  std::filesystem::path folder_;
};

weft_status commit(const weft_host* host, weft_id op, weft_id job, weft_str path,
                   weft_str media_type) noexcept {
  Core* core = living(host);
  if (!core) return WEFT_CANCELLED;
  Blob blob;
  blob.kind = WEFT_FILE;
  blob.file = view(path);
  blob.media_type = view(media_type);
  if (!blob.file.is_absolute()) return WEFT_BAD_INPUT;
  const auto folder = job == 0 ? std::filesystem::path() : core->job_folder(job);
  return core->start(op, job, std::make_shared<Commit>(*core, op, std::move(blob), folder));
}

weft_status locate(const weft_host* host, weft_id id, void* context, weft_take take) noexcept {
  Core* core = living(host);
  if (!core) return WEFT_CANCELLED;
  const auto artifact = core->host.artifacts.find(id);
  if (!artifact) return WEFT_BAD_INPUT;
  const auto path = core->host.parts.artifacts.find(artifact->digest, artifact->size_bytes);
  if (!path) {
    core->log.error("an artifact is not there", {{"error", path.error().to_string()}});
    return WEFT_LOST;
  }
  take(context, borrow(path->string()));
  return WEFT_OK;
}

weft_id find(const weft_host* host, weft_str digest) noexcept {
  Core* core = living(host);
  const auto wanted = Digest::parse(view(digest));
  if (!core || !wanted) return 0;
  artifact::ArtifactStore& store = core->host.parts.artifacts;
  if (!store.contains(*wanted)) return 0;
  // Its place in the store's folder, as artifact_store.hpp states it; the size is all that is not
  // in the name.
  const std::string hex = wanted->to_string();
  std::error_code error;
  const auto size = std::filesystem::file_size(store.folder() / hex.substr(0, 2) / hex, error);
  if (error) return 0;
  return core->host.artifacts.id_of({*wanted, size, {}, {}});
}

}  // namespace

constinit const weft_artifacts artifact_table{
    sizeof(weft_artifacts), 0, reserve, commit, locate, find};

}  // namespace weft::plugin::services
