using Estream.Esf.Expressions;
using Estream.Streams.Pipelines.Running;

namespace Estream.Circuits.Running;

/// <summary>Builds the plan for one output.</summary>
/// <param name="circuit">The circuit.</param>
/// <param name="leading">The inputs and nodes with a path to <paramref name="end"/>, and <paramref name="end"/> itself.</param>
/// <param name="end">The output, or the stateful node before the output.</param>
/// <param name="told">The inputs, nodes and outputs whose rejections an earlier plan reports. The inputs, nodes and outputs of this plan
/// are added.</param>
internal sealed class PlanBuilder(Circuit circuit, HashSet<string> leading, string end, HashSet<string> told)
{
    private readonly List<PlanEntry> _entries = [];
    private readonly Dictionary<string, int> _begins = new(StringComparer.Ordinal);

    public CircuitPlan Build(string input)
    {
        // Built backwards, so that each next instruction has an index already; then reversed, so that the plan starts with the input.
        foreach (string place in circuit.Nodes.Reverse().Select(node => node.Id).Where(leading.Contains).Where(place => place != end)
            .Prepend(end).Append(input))
        {
            Add(place);
        }

        int last = _entries.Count - 1;
        return new CircuitPlan(
            [.. Enumerable.Reverse(_entries)
                .Select(entry => entry with { Next = [.. entry.Next.Select(next => next == CircuitPlan.Out ? next : last - next)] })]);
    }

    private void Add(string place)
    {
        int[] next = place == end
            ? [CircuitPlan.Out]
            : [.. circuit.Flows.Where(flow => flow.From == place && leading.Contains(flow.To)).Select(flow => _begins[flow.To])];
        bool tells = told.Add(place);
        CircuitNode? node = place == end ? null : circuit.Nodes.FirstOrDefault(node => node.Id == place);
        foreach (CircuitInvariant invariant in circuit.Invariants.Where(invariant => invariant.Place == place).Reverse())
        {
            next = [Write(
                new PlanEntry(PlanKind.Invariant, invariant.Condition, null, $"at '{place}' the invariant '{invariant.Text}' does not hold",
                    tells, place, next))];
        }

        (PlanKind kind, EsfExpression? condition) = node switch
        {
            { Step: FilterStep filter } => (PlanKind.Filter, filter.Condition),
            { Step: ProjectStep } => (PlanKind.Project, null),
            { Step: LookupStep } => (PlanKind.Lookup, null),
            { IsBound: true } or { Operation: not null } => (PlanKind.Call, null),
            _ => (PlanKind.Pass, (EsfExpression?)null),
        };
        _begins[place] = Write(new PlanEntry(kind, condition, node, null, tells, place, next));
    }

    private int Write(PlanEntry entry)
    {
        _entries.Add(entry);
        return _entries.Count - 1;
    }
}
