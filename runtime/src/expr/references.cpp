// SPDX-License-Identifier: Apache-2.0
// What a compiled expression depends on.
#include <algorithm>
#include <set>

#include "expr/code.hpp"

namespace weft::expr {
namespace {

using Op = Node::Op;

bool uses(const Code& code, NodeId id, Op op) {
  const Node& node = code.nodes[id];
  const auto children = code.children_of(node);
  return node.op == op || std::any_of(children.begin(), children.end(),
                                      [&](NodeId child) { return uses(code, child, op); });
}

class ReferenceFinder {
 public:
  explicit ReferenceFinder(const Code& code)
      : code_(code), root_slot_(code.environment.find(code.reference_root)) {}

  void walk(NodeId id, bool compared_with_null = false) {
    const Node& node = code_.nodes[id];
    if (node.op == Op::variable || node.op == Op::select || node.op == Op::has ||
        node.op == Op::index)
      return walk_chain(id, compared_with_null);
    const auto children = code_.children_of(node);
    const bool equality = node.op == Op::equal || node.op == Op::not_equal;
    const bool with_null = equality && std::any_of(children.begin(), children.end(),
                                                   [&](NodeId c) { return is_null(c); });
    for (const NodeId child : children) walk(child, with_null);
  }

  std::vector<RawReference> found;

 private:
  // One `.name` or `[index]` behind a value.
  struct Link {
    const std::string* name;  // null for an index that is not a fixed text
    NodeId index;
    std::size_t offset;
  };

  const Value* constant(NodeId id) const {
    const Node& node = code_.nodes[id];
    return node.op == Op::constant ? &code_.constants[node.detail] : nullptr;
  }
  bool is_null(NodeId id) const { return constant(id) && constant(id)->is_null(); }

  Link link_of(const Node& node) const {
    if (node.op != Op::index) return {code_.constants[node.detail].if_string(), 0, node.offset};
    const NodeId index = code_.children_of(node)[1];
    const Value* fixed = constant(index);
    return {fixed ? fixed->if_string() : nullptr, index, node.offset};
  }

  // A variable with all that is selected from it.
  void walk_chain(NodeId id, bool compared_with_null) {
    std::vector<Link> links;
    for (const Node* node = &code_.nodes[id];
         node->op == Op::select || node->op == Op::has || node->op == Op::index;
         node = &code_.nodes[id]) {
      links.push_back(link_of(*node));
      id = code_.children_of(*node)[0];
    }
    std::reverse(links.begin(), links.end());
    const Node& base = code_.nodes[id];
    if (root_slot_ && base.op == Op::variable && base.detail == *root_slot_)
      note(base, links, compared_with_null);
    else if (base.op != Op::variable)
      walk(id);
    for (const Link& link : links)
      if (!link.name) walk(link.index);
  }

  void note(const Node& base, const std::vector<Link>& links, bool compared_with_null) {
    RawReference reference;
    reference.offset = base.offset;
    std::size_t next = 0;
    if (!links.empty() && links[0].name) reference.name = *links[next++].name;
    if (next == 1 && links.size() > 1 && !links[1].name && !uses(code_, links[1].index, Op::local))
      reference.index = links[next++].index;
    reference.compared_with_null = compared_with_null && next == links.size();
    for (; next < links.size() && links[next].name; ++next)
      reference.path.push_back(*links[next].name);
    found.push_back(std::move(reference));
  }

  const Code& code_;
  const std::optional<std::size_t> root_slot_;
};

}  // namespace

std::vector<RawReference> find_references(const Code& code, NodeId root) {
  ReferenceFinder finder(code);
  finder.walk(root);
  return std::move(finder.found);
}

std::vector<Reference> Program::references() const {
  std::vector<Reference> references;
  for (RawReference& raw : find_references(*code_, root_)) {
    if (raw.name.empty()) continue;  // only without checking
    std::optional<Program> index;
    if (raw.index) index = Program(code_, *raw.index);
    references.push_back(
        {std::move(raw.name), std::move(index), std::move(raw.path), code_->position(raw.offset)});
  }
  return references;
}

bool Program::tests_null(std::string_view name) const {
  const auto all = find_references(*code_, root_);
  return std::any_of(all.begin(), all.end(), [&](const RawReference& reference) {
    return reference.name == name && reference.compared_with_null;
  });
}

std::vector<std::string> Program::variables() const {
  std::set<std::uint32_t> slots;
  const auto walk = [&](const auto& self, NodeId id) -> void {
    const Node& node = code_->nodes[id];
    if (node.op == Op::variable) slots.insert(node.detail);
    for (const NodeId child : code_->children_of(node)) self(self, child);
  };
  walk(walk, root_);
  std::vector<std::string> names;
  for (const std::uint32_t slot : slots) names.push_back(code_->environment.variables()[slot].name);
  return names;
}

}  // namespace weft::expr
