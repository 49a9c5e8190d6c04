// SPDX-License-Identifier: Apache-2.0
// weft secret: keys of services. A value comes from standard input, never from the command line,
// where other processes and the shell's history would see it.
#include <algorithm>
#include <optional>
#include <ostream>

#include "commands.hpp"
#include "json_views.hpp"
#include "table.hpp"

namespace weft::cli {
namespace {

struct NoOptions {};

struct NameOptions {
  std::string name;
};
struct SetOptions {
  std::string name;
  bool add = false;
};
struct RemoveOptions {
  std::string name;
  std::optional<std::int64_t> number;
};

result<int> put(Context& context, const std::string& name, SecretPlace place,
                const std::string& said) {
  auto value = context.ask_secret("value of " + name + ": ");
  if (!value) return value.error();
  auto runtime = context.open(Role::client);
  if (!runtime) return runtime.error();
  if (auto done = (*runtime)->set_secret(name, *value, place); !done) return done.error();
  if (context.options.json)
    context.print(json::object{{"secret", name}, {"done", true}});
  else if (!context.options.quiet)
    context.out() << said << std::endl;
  return 0;
}

result<int> set(Context& context, const SetOptions& options) {
  return put(context, options.name, options.add ? SecretPlace::last : SecretPlace::only,
             options.add ? "kept; it is asked when the others are refused"
                         : "kept; test it with: weft secret test " + options.name);
}

result<int> rotate(Context& context, const NameOptions& options) {
  return put(context, options.name, SecretPlace::first,
             "kept; it is asked first, the old one only when it is refused. When all is well: "
             "weft secret list, then weft secret remove " +
                 options.name + " --number N");
}

result<int> remove(Context& context, const RemoveOptions& options) {
  auto runtime = context.open(Role::client);
  if (!runtime) return runtime.error();
  if (auto done = (*runtime)->remove_secret(options.name, options.number); !done)
    return done.error();
  if (context.options.json)
    context.print(json::object{{"secret", options.name}, {"done", true}});
  else if (!context.options.quiet)
    context.out() << "removed" << std::endl;
  return 0;
}

result<int> list(Context& context, const NoOptions&) {
  auto runtime = context.open_to_examine();
  if (!runtime) return runtime.error();
  const auto secrets = (*runtime)->secrets();
  if (!secrets) return secrets.error();
  if (context.options.json) {
    context.print(json::object{{"secrets", to_json(*secrets)}});
    return 0;
  }
  Table table({{"SECRET"}, {"NUMBER", true}, {"ENDS IN"}, {"FROM", false, true}, {"USED BY"}});
  for (const SecretView& secret : *secrets)
    table.add({{secret.name, Tone::strong},
               {secret.source == "store" ? std::to_string(secret.number) : ""},
               {secret.missing ? "missing" : secret.hint, secret.missing ? Tone::bad : Tone::plain},
               {secret.source, Tone::faint},
               {joined(secret.services, " ")}});
  context.out() << (table.empty() ? "there are no secrets\n"
                                  : table.to_string(context.width(), context.color()))
                << std::flush;
  return 0;
}

result<int> test(Context& context, const NameOptions& options) {
  auto runtime = context.open(Role::client);
  if (!runtime) return runtime.error();
  const auto checks = (*runtime)->test_secret(options.name);
  if (!checks) return checks.error();
  const bool passed = std::ranges::all_of(*checks, &CheckView::passed);
  if (context.options.json) {
    context.print(json::object{{"passed", passed}, {"services", to_json(*checks)}});
  } else {
    for (const CheckView& service : *checks)
      context.out() << paint(service.passed ? "ok    " : "FAILED",
                             service.passed ? Tone::good : Tone::bad, context.color())
                    << " " << service.name << (service.message.empty() ? "" : ": ")
                    << one_line(service.message) << "\n";
    context.out() << std::flush;
  }
  if (passed) return 0;
  return failed("not every service that uses '" + options.name + "' is well");
}

}  // namespace

void add_secret_commands(CLI::App& app, Context& context) {
  CLI::App* secret = app.add_subcommand("secret", "Keep the keys of services");
  secret->require_subcommand(1);

  const auto to_set = std::make_shared<SetOptions>();
  CLI::App& set_command =
      add_command(*secret, context, "set", "Keep a value, read from standard input", to_set, set);
  set_command.add_option("NAME", to_set->name, "As services name it")->required();
  set_command.add_flag("--add", to_set->add,
                       "Beside those that are there: asked when they are refused");
  set_command.footer("Example:\n  weft secret set openai_key < key.txt");

  add_command(*secret, context, "list", "List names, where each is from, and who uses it",
              std::make_shared<NoOptions>(), list);

  const auto to_test = std::make_shared<NameOptions>();
  CLI::App& test_command =
      add_command(*secret, context, "test", "Ask the services that use it whether they are well",
                  to_test, test);
  test_command.add_option("NAME", to_test->name, "The secret")->required();

  const auto to_rotate = std::make_shared<NameOptions>();
  CLI::App& rotate_command =
      add_command(*secret, context, "rotate", "Keep a new value, to be asked before the old ones",
                  to_rotate, rotate);
  rotate_command.add_option("NAME", to_rotate->name, "The secret")->required();

  const auto to_remove = std::make_shared<RemoveOptions>();
  CLI::App& remove_command = add_command(*secret, context, "remove",
                                         "Forget a secret, or one value of it", to_remove, remove);
  remove_command.add_option("NAME", to_remove->name, "The secret")->required();
  remove_command.add_option("--number", to_remove->number,
                            "Only this value; see: weft secret list");
}

}  // namespace weft::cli
