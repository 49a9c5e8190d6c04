// SPDX-License-Identifier: Apache-2.0
// Faults between the driver and the store.
#pragma once
#include "faults/fault.hpp"

namespace weft::simulation {

class ActBeforeCommit final : public Fault {
  bool acknowledge_at_once(const Batch& batch) override;
};
class PublishBeforeCommit final : public Fault {
  bool acknowledge_at_once(const Batch& batch) override;
};
class CheckpointForgotten final : public Fault {
  void batch(Batch& batch) override;
};
class TokenForgotten final : public Fault {
  void loaded(StoredRun& stored) override;
};
class DispatchedAgain final : public Fault {
  void loaded(StoredRun& stored) override;
};
class RunNotLoaded final : public Fault {
  bool skip_load(Random& random) override;
};
class PauseForgotten final : public Fault {
  void loaded(StoredRun& stored) override;
};
class QuestionForgotten final : public Fault {
  void loaded(StoredRun& stored) override;
};
class TrialUnsaid final : public Fault {
  void batch(Batch& batch) override;
};
class HealthForgotten final : public Fault {
  void restored(std::vector<ServiceHealth>& known) override;
};
class DrainForgotten final : public Fault {
  void restored(std::vector<ServiceHealth>& known) override;
};
class RefusalsForgotten final : public Fault {
  void loaded(StoredRun& stored) override;
};
class RateForgotten final : public Fault {
  void restored(std::vector<ServiceHealth>& known) override;
};
class BatchLost final : public Fault {
  bool lose(const Batch& batch, Random& random) override;
};
class GrowthDropped final : public Fault {
  void batch(Batch& batch) override;
};
class ReservationKept final : public Fault {
  void batch(Batch& batch) override;
};
class RefusalIgnored final : public Fault {
  void committed(engine::Committed& committed) override;
};
class CountedTwice final : public Fault {
  void batch(Batch& batch) override;
};
class AnyEpoch final : public Fault {
  bool takes_any_epoch() override;
};
class FencingIgnored final : public Fault {
  void committed(engine::Committed& committed) override;
};

class WrongResult final : public Fault {
  bool found(std::optional<FoundResult>& found, Random& random) override;
  std::optional<FoundResult> last_;
};
class LookupLost final : public Fault {
  bool found(std::optional<FoundResult>& found, Random& random) override;
};
class KeysForgotten final : public Fault {
  void loaded(StoredRun& stored) override;
};
class KeyConfused final : public Fault {
  void batch(Batch& batch) override;
  std::shared_ptr<const ResultKey> last_;
};

}  // namespace weft::simulation
