// SPDX-License-Identifier: Apache-2.0
// Faults before the driver, and between it and services.
#pragma once
#include <map>

#include "faults/fault.hpp"

namespace weft::simulation {

class AnswerLost final : public Fault {
  bool event(engine::Event& event, Random& random) override;
};
class AnswerTakenTwice final : public Fault {
  bool event(engine::Event& event, Random& random) override;
  std::map<TaskRef, engine::JobEnded> last_;
};
class UnknownRetried final : public Fault {
  bool event(engine::Event& event, Random& random) override;
};
class RejectionIgnored final : public Fault {
  bool event(engine::Event& event, Random& random) override;
};
class CancelForgotten final : public Fault {
  bool cancel(const AttemptRef& attempt) override;
};
class ReleasedEarly final : public Fault {
  bool event(engine::Event& event, Random& random) override;
};
class DeadlineIgnored final : public Fault {
  bool event(engine::Event& event, Random& random) override;
};
class LimitIgnored final : public Fault {
  bool event(engine::Event& event, Random& random) override;
};
class LastComesFirst final : public Fault {
  bool event(engine::Event& event, Random& random) override;
};
class PriceForgotten final : public Fault {
  bool event(engine::Event& event, Random& random) override;
};
class SlotWithheld final : public Fault {
  bool event(engine::Event& event, Random& random) override;
};
class AlarmLost final : public Fault {
  Deadline alarm(Deadline wake, Random& random) override;
};
class WakeupLost final : public Fault {
  bool skip_turn(Random& random) override;
};

}  // namespace weft::simulation
