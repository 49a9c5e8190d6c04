// SPDX-License-Identifier: Apache-2.0
// Adapters and executors whose `run` is a captureless lambda of the test.
#pragma once

#include <weft/plugin.hpp>

template <auto Run>
class Simple final : public weft::adapter<Simple<Run>> {
 public:
  static constexpr std::string_view name = "simple";
  static constexpr std::string_view operations = R"([{"name": "test.simple"}])";
  explicit Simple(const weft::context& context) : weft::adapter<Simple>(context) {}
  weft::task<> run(weft::job& job) override { return Run(job); }
};

template <auto Run>
class SimpleWork final : public weft::executor<SimpleWork<Run>> {
 public:
  static constexpr std::string_view name = "simple";
  explicit SimpleWork(const weft::context& context) : weft::executor<SimpleWork>(context) {}
  void run(weft::work& work) override { Run(work); }
};

template <auto Run>
inline constexpr weft_entry simple = weft::make_entry<Simple<Run>>("{}");
template <auto Run>
inline constexpr weft_entry simple_work = weft::make_entry<SimpleWork<Run>>("{}");
