// SPDX-License-Identifier: Apache-2.0
#include "engine/effects.hpp"

namespace weft::engine {

RunId run_of(const Act& act) {
  struct {
    RunId operator()(const DispatchJob& a) const { return a.job.attempt.run; }
    RunId operator()(const AttachJob& a) const { return a.job.attempt.run; }
    RunId operator()(const CancelJob& a) const { return a.attempt.run; }
    RunId operator()(const InterruptJob& a) const { return a.attempt.run; }
    RunId operator()(const ConfirmCheckpoint& a) const { return a.attempt.run; }
    RunId operator()(const ProbeService&) const { return {}; }
    RunId operator()(const AnswerCaller& a) const { return a.run; }
    RunId operator()(const AcceptRun& a) const { return a.run; }
  } run;
  return std::visit(run, act);
}

}  // namespace weft::engine
