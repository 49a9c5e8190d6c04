// SPDX-License-Identifier: Apache-2.0
// The parts that reading a definition is made of. Each notes what it finds wrong and goes on.
#pragma once
#include <string>
#include <vector>

#include "model/definition.hpp"
#include "model/table_reader.hpp"

namespace weft {

// A use of tasks.<name> while the tasks have no order yet.
struct DraftRead {
  std::string task;
  TaskRead read;  // all but `task`
};

struct DraftNeed {
  std::string task;
  SourcePosition position;
};

struct TaskDraft {
  std::string pointer;  // of its table: "/tasks/video"
  TaskDefinition task;
  std::vector<DraftRead> reads;
  std::vector<DraftRead> for_each_reads;
  std::vector<DraftNeed> needs;
  bool has_items = false;   // it has a for_each, perhaps a wrong one
  bool has_rounds = false;  // it has a repeat_until, perhaps a wrong one
  // Below the table: texts in params and inputs whose expressions are wrong, "/params/prompt". The
  // compiled values have null there, so that the rest can still be checked.
  std::vector<std::string> broken;
};

struct OutputDraft {
  OutputDeclaration output;
  std::vector<DraftRead> reads;
};

// definition_body.cpp: `use`, `pipeline` and `cases`, before the expressions of any task. What is
// wrong inside is noted at the key.
void read_body(TableReader& table, const DefinitionContext& context, TaskDraft& draft);
// What can be said about the inputs that a body is given.
void check_body_inputs(const Document& document, const TaskDraft& draft, Mistakes& mistakes);
// How a mistake in what is to be given speaks of it.
struct DeclaredName {
  std::string name;
  std::string what;  // "input 'seed'"
};

// definition_inputs.cpp: a schema, as the definition or one of its tasks has it at `pointer`.
InputDeclaration read_input(const Document& document, const std::string& pointer,
                            const DeclaredName& name, Mistakes& mistakes);

// definition_wait.cpp
// Makes the draft a task that waits for people if it says `approve` or `wait_for`.
void read_wait(const Document& document, TaskDraft& draft, Mistakes& mistakes);
// Notes the keys that mean nothing to it.
void check_wait_keys(TableReader& table, const TaskDraft& draft);
// What the compiled value that it shows says against it.
void check_question(TableReader& table, const TaskDraft& draft);
// The key of the definition that makes the task wait.
std::string_view key_of(const WaitDefinition& wait) noexcept;
json::object wait_form(const TaskDefinition& task);

// definition_task.cpp: the keys of a task that hold no expression.
void read_task_keys(TableReader& table, const DefinitionContext& context, TaskDraft& draft);

// definition_expressions.cpp
// The variables of a definition. Every environment has all of them, so that one used in the wrong
// place can be named.
expr::Environment definition_environment(const std::vector<InputDeclaration>& inputs,
                                         const std::vector<TaskDraft>& tasks);
// Compiles for_each, if, params and inputs.
void read_task_expressions(TableReader& table, const expr::Environment& shared, TaskDraft& draft);
void read_output_expression(const Document& document, const std::string& pointer,
                            const expr::Environment& shared, OutputDraft& draft,
                            Mistakes& mistakes);

// definition_check.cpp: what can be said about params and inputs before there are values.
void check_task_params(const Document& document, const TaskDraft& draft,
                       const DefinitionContext& context, Mistakes& mistakes);
// `samples`: what `tasks` might hold in a run, from sample_tasks().
expr::Value sample_tasks(const std::vector<TaskDraft>& tasks);
void check_task_inputs(const Document& document, const TaskDraft& draft, const expr::Value& samples,
                       Mistakes& mistakes);

// definition_graph.cpp: resolves needs and reads, reports cycles, and puts the tasks in their
// order.
void order_tasks(const Document& document, std::vector<TaskDraft>& tasks,
                 std::vector<OutputDraft>& outputs, Mistakes& mistakes);

// canonical_pipeline.cpp: the meaning of a pipeline as JSON, from which read_canonical makes it
// again.
json::value canonical_form(const Pipeline& pipeline);

}  // namespace weft
