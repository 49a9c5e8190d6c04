// SPDX-License-Identifier: Apache-2.0
#include "pipelines.hpp"

#include <stdexcept>

#include "plan/expand.hpp"

namespace weft::simulation {
namespace {

constexpr std::string_view operations_text = R"(
[operations."sim.step"]
summary = "a number from numbers"
[operations."sim.step".params.properties]
value = { type = "integer" }
level = { type = "integer" }
[operations."sim.step".outputs.value]
schema = { type = "integer" }

[operations."sim.draw"]
summary = "a file"
reuse   = "deterministic"
[operations."sim.draw".params.properties]
level = { type = "integer" }
[operations."sim.draw".outputs.image]
media_type = "image/*"

[operations."sim.look"]
summary = "a number from a file"
reuse   = "deterministic"
[operations."sim.look".params.properties]
level = { type = "integer" }
[operations."sim.look".inputs.image]
media_type = "image/*"
[operations."sim.look".outputs.value]
schema = { type = "integer" }
)";

enum class Kind { step, draw, look, approve, ask };

struct Drafted {
  std::string name;
  Kind kind = Kind::step;
  std::uint32_t items = 0;          // at least; 0: not a group
  std::uint32_t items_at_most = 0;  // more only where it hangs on what another task gives
  bool conditional = false;
  bool may_lack_items = false;
  bool is_group() const { return items_at_most != 0; }
};

// Writes one definition.
class Writer {
 public:
  Writer(Random& random, const std::vector<std::string>& services, std::uint32_t tasks_at_most)
      : random_(random), services_(services), tasks_at_most_(tasks_at_most) {}

  std::string write() {
    text_ = "[pipeline]\nname = \"p\"\n";
    if (random_.chance(80)) line("timeout", quoted(random_.between(5'000, 120'000)));
    const auto count = static_cast<std::uint32_t>(random_.between(1, tasks_at_most_));
    for (std::uint32_t i = 0; i < count; ++i) write_task(i);
    write_outputs();
    if (random_.chance(150)) write_last("on_failure");
    if (random_.chance(150)) write_last("finally");
    return std::move(text_);
  }

 private:
  static std::string quoted(std::int64_t ms) { return "\"" + std::to_string(ms) + "ms\""; }
  void line(const std::string& key, const std::string& value) {
    text_ += key + " = " + value + "\n";
  }

  // An earlier task of one of these kinds; null: there is none, or none is wanted.
  const Drafted* earlier(bool file) {
    std::vector<const Drafted*> fit;
    for (const Drafted& task : drafted_)
      if ((task.kind == Kind::draw) == file) fit.push_back(&task);
    return fit.empty() ? nullptr : random_.pick(fit);
  }

  void write_task(std::uint32_t index) {
    Drafted task;
    task.name = "t" + std::to_string(index);
    const Drafted* picture = earlier(true);
    const auto dice = random_.below(12);
    task.kind = dice < 6               ? Kind::step
                : dice < 8             ? Kind::draw
                : dice < 10 && picture ? Kind::look
                : dice < 11            ? Kind::approve
                                       : Kind::ask;
    const bool waits = task.kind == Kind::approve || task.kind == Kind::ask;
    text_ += "\n[tasks." + task.name + "]\n";
    if (random_.chance(250))
      write_items(task);
    else if (task.kind == Kind::step && random_.chance(80))
      write_rounds();
    const bool body = task.kind == Kind::step && random_.chance(150);
    if (body) {
      write_body(task);
    } else if (waits) {
      write_question(task);
    } else {
      line("operation", task.kind == Kind::step   ? "\"sim.step\""
                        : task.kind == Kind::draw ? "\"sim.draw\""
                                                  : "\"sim.look\"");
      write_data(task, picture);
    }
    write_condition(task);
    if ((task.kind == Kind::draw || task.kind == Kind::look) && random_.chance(250))
      line("cache", random_.chance(500) ? "\"off\""
                                        : "{ ttl = " + quoted(random_.between(100, 60'000)) + " }");
    if (!drafted_.empty() && random_.chance(300))
      line("needs", "[\"" + random_.pick(drafted_).name + "\"]");
    if (!body && !waits) write_policy();
    drafted_.push_back(task);
  }

  std::string list_of(std::uint32_t items) {
    std::string list;
    for (std::uint32_t i = 0; i < items; ++i)
      list += (i ? ", " : "") + std::to_string(i + random_.below(3));
    return "[" + list + "]";
  }

  void write_items(Drafted& task) {
    task.items = task.items_at_most = static_cast<std::uint32_t>(random_.between(1, 4));
    const Drafted* from = earlier(false);
    if (from && !from->is_group() && from->kind != Kind::approve && random_.chance(500)) {
      const auto other = static_cast<std::uint32_t>(random_.between(0, 4));
      line("for_each", "\"tasks." + from->name + ".value > 4 ? " + list_of(task.items) + " : " +
                           list_of(other) + "\"");
      task.items_at_most = std::max(task.items, other);
      task.items = std::min(task.items, other);
    } else {
      line("for_each", "\"" + list_of(task.items) + "\"");
    }
    if (random_.chance(250)) line("limit", std::to_string(random_.between(1, 2)));
    task.may_lack_items = random_.chance(250);
    if (task.may_lack_items) line("min_success", "0." + std::to_string(random_.between(1, 9)));
  }

  void write_rounds() {
    line("repeat_until", "\"outputs.value > " + std::to_string(random_.between(1, 9)) + "\"");
    line("repeat_at_most", std::to_string(random_.between(1, 4)));
  }

  // A pipeline of two steps.
  void write_body(const Drafted& task) {
    const Drafted* from = earlier(false);
    std::string value = std::to_string(random_.below(10));
    if (from && random_.chance(700)) value = "\"${" + number_of(*from, task) + "}\"";
    line("inputs", "{ value = " + value + " }");
    text_ +=
        "pipeline.pipeline = { name = \"inner\" }\n"
        "pipeline.inputs.value = { type = \"integer\" }\n"
        "pipeline.tasks.a = { operation = \"sim.step\", params = { value = "
        "\"${inputs.value}\" } }\n";
    const std::string items =
        random_.chance(300) ? ", for_each = \"tasks.a.value > 3 ? [1, 2] : [3]\"" : "";
    text_ +=
        "pipeline.tasks.b = { operation = \"sim.step\", params = { value = "
        "\"${tasks.a.value}\" }" +
        items + " }\n";
    text_ += items.empty() ? "pipeline.outputs.value = \"${tasks.b.value}\"\n"
                           : "pipeline.outputs.value = \"${size(tasks.b)}\"\n";
  }

  // Once nothing else moves.
  void write_last(const std::string& occasion) {
    text_ += "\n[tasks." + occasion + "_task]\noperation = \"sim.step\"\n";
    line(occasion, "true");
    line("params", "{ value = \"${size(run.failed)}\" }");
    write_policy();
  }

  // What people are asked, and what follows from their answer or their silence.
  void write_question(const Drafted& task) {
    const Drafted* from = earlier(false);
    const std::string number =
        from && random_.chance(600) ? "${" + number_of(*from, task) + "}" : "7";
    const bool timed = random_.chance(400);
    if (timed) line("timeout", quoted(random_.between(2'000, 90'000)));
    if (task.kind == Kind::ask) {
      const std::string fallback = random_.chance(200) ? ", default = 3" : "";
      line("wait_for", "{ message = \"more than " + number +
                           "?\", outputs = { value = { type = \"integer\", minimum = 0" + fallback +
                           " } } }");
      return;
    }
    std::string more;
    if (random_.chance(600)) more += ", choices = [1, \"" + number + "\", 3]";
    if (random_.chance(600))
      more += std::string(", on_reject = ") + (random_.chance(500) ? "\"skip\"" : "\"go_on\"");
    if (timed && random_.chance(700))
      more += std::string(", on_timeout = ") + (random_.chance(500) ? "\"reject\"" : "\"approve\"");
    line("approve", "{ message = \"is " + number + " right?\"" + more + " }");
  }

  // A number made of the outputs of an earlier task.
  std::string number_of(const Drafted& from, const Drafted& reader) {
    const auto value_of = [&](const std::string& task) {
      return from.kind == Kind::approve ? "(" + task + ".approved ? 1 : 0)" : task + ".value";
    };
    const std::string task = "tasks." + from.name;
    if (!from.is_group())
      return random_.chance(150) ? task + " != null ? " + value_of(task) + " : 0" : value_of(task);
    if (reader.is_group() && reader.items_at_most <= from.items && random_.chance(600) &&
        !from.conditional)
      return value_of(task + "[index]");
    return "size(tasks." + from.name + ".filter(i, i != null))";
  }

  void write_data(const Drafted& task, const Drafted* picture) {
    std::string params;
    if (task.kind == Kind::step) {
      const Drafted* from = earlier(false);
      std::string value = std::to_string(random_.below(10));
      if (from && random_.chance(800)) value = "\"${" + number_of(*from, task) + "}\"";
      if (from && !from->is_group() && random_.chance(20))
        value = "\"${10 / (" + number_of(*from, task) + ")}\"";  // fails when that is 0
      params = "value = " + value + ", ";
    }
    line("params", "{ " + params + "level = " + std::to_string(random_.below(4)) + " }");
    if (task.kind != Kind::look) return;
    std::string which = "tasks." + picture->name;
    if (picture->is_group() && picture->items == 0)
      which += "[0]";  // there may be none: then it fails
    else if (picture->is_group())
      which += "[" + std::to_string(random_.below(picture->items)) + "]";
    line("inputs", "{ image = \"${" + which + ".image}\" }");
  }

  void write_condition(Drafted& task) {
    if (!random_.chance(200)) return;
    const Drafted* from = earlier(false);
    if (!from) return;
    task.conditional = true;
    line("if",
         !from->is_group()
             ? "\"tasks." + from->name + " != null && " +
                   (from->kind == Kind::approve ? "tasks." + from->name + ".approved\""
                                                : "tasks." + from->name + ".value > 2\"")
             : "\"size(tasks." + from->name + ") > " + std::to_string(random_.below(4)) + "\"");
  }

  void write_policy() {
    const auto attempts = std::to_string(random_.between(1, 5));
    const std::int64_t backoff_ms = random_.between(1, 2'000);
    line("retry", "{ attempts = " + attempts + ", backoff = " + quoted(backoff_ms) +
                      ", max_backoff = " + quoted(backoff_ms + random_.between(0, 8'000)) + " }");
    std::string timeouts;
    const auto timeout = [&](const char* key, std::int64_t low, std::int64_t high) {
      if (random_.chance(200))
        timeouts += (timeouts.empty() ? "" : ", ") + std::string(key) + " = " +
                    quoted(random_.between(low, high));
    };
    timeout("queue", 500, 20'000);
    timeout("start", 200, 5'000);
    timeout("run", 1'000, 20'000);
    timeout("total", 2'000, 60'000);
    if (!timeouts.empty()) line("timeout", "{ " + timeouts + " }");
    if (random_.chance(300)) line("priority", std::to_string(random_.between(-100, 100)));
    if (random_.chance(200)) line("concurrency", "\"" + random_.pick(class_names) + "\"");
    write_route();
  }

  void write_route() {
    std::string route;
    const auto add = [&](const std::string& entry) {
      route += (route.empty() ? "" : ", ") + entry;
    };
    if (random_.chance(200)) add("max_cost = \"0." + std::to_string(random_.between(5, 60)) + "\"");
    if (random_.chance(500))
      add(std::string("rebuy = ") + (random_.chance(500) ? "\"allow\"" : "\"after_cancel\""));
    if (random_.chance(400)) add("refusal = \"next\"");
    if (random_.chance(250)) add("adapt = [\"level\"]");
    if (!services_.empty() && random_.chance(300))
      add("degrade = [\"" + random_.pick(services_) + "\"]");
    if (!route.empty()) line("route", "{ " + route + " }");
  }

  void write_outputs() {
    const Drafted& last = drafted_.back();
    if (last.is_group() || last.conditional || last.kind == Kind::draw ||
        last.kind == Kind::approve || random_.chance(300))
      return;
    text_ += "\n[outputs]\nlast = \"${tasks." + last.name + " != null ? tasks." + last.name +
             ".value : 0}\"\n";
  }

  Random& random_;
  const std::vector<std::string>& services_;
  const std::uint32_t tasks_at_most_;
  std::vector<Drafted> drafted_;
  std::string text_;
};

}  // namespace

Pipelines::Pipelines(std::vector<std::string> services, std::uint32_t tasks_at_most)
    : operations_(OperationCatalog::canonical()),
      services_(std::move(services)),
      tasks_at_most_(tasks_at_most) {
  if (auto added = operations_.add_toml(operations_text, "operations.toml"); !added)
    throw std::logic_error(added.error().to_string());
}

std::shared_ptr<const Plan> Pipelines::plan(Random& random) {
  constexpr std::size_t remembered = 64;
  const std::uint32_t fresh_permille = known_.size() < remembered ? 400 : 100;
  if (!known_.empty() && !random.chance(fresh_permille)) return random.pick(known_);
  if (known_.size() == remembered) return random.pick(known_) = make(random);
  return known_.emplace_back(make(random));
}

std::shared_ptr<const Plan> Pipelines::make(Random& random) {
  const std::string text = Writer(random, services_, tasks_at_most_).write();
  const DefinitionContext context{operations_, class_names, services_, "USD"};
  auto read = read_pipeline(text, "p.toml", context);
  if (!read) throw std::logic_error(read.error().to_string() + "\n" + text);
  auto plan = expand(read->pipeline, {});
  if (!plan) throw std::logic_error(plan.error().to_string() + "\n" + text);
  return std::make_shared<const Plan>(std::move(*plan));
}

}  // namespace weft::simulation
