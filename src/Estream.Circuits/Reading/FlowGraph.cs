using Estream.Esf.Schema;
using Estream.Esf.Schema.Internal;

namespace Estream.Circuits.Reading;

/// <summary>The flows of a circuit: an acyclic graph in which every node and output is connected.</summary>
internal sealed class FlowGraph
{
    private const string Example = "flows: [readings -> hot -> alarms]";
    private const string Arrow = "->";

    private readonly DiagnosticSink _sink;
    private readonly FlowElementNames _names;
    private readonly List<CircuitFlow> _flows = [];

    private FlowGraph(FlowElementNames names, DiagnosticSink sink)
    {
        _names = names;
        _sink = sink;
    }

    public IReadOnlyList<CircuitFlow> Flows => _flows;

    /// <summary>The nodes in topological order.</summary>
    public IReadOnlyList<string> Order { get; private set; } = [];

    public IEnumerable<CircuitFlow> Into(string name) => _flows.Where(flow => flow.To == name);

    public IEnumerable<CircuitFlow> OutOf(string name) => _flows.Where(flow => flow.From == name);

    /// <summary>Reads the flows; null after reporting an error in them.</summary>
    public static FlowGraph? Read(MapNode map, FlowElementNames names, DiagnosticSink sink)
    {
        if (map.Find("flows") is not SourceNode node)
        {
            sink.Report(DiagnosticCodes.MissingKey, map, Messages.Missing("a circuit file", "flows", Example));
            return null;
        }

        if (sink.AsList(node, "'flows'", Example) is not ListNode list)
        {
            return null;
        }

        FlowGraph graph = new(names, sink);
        bool isGood = true;
        foreach (SourceNode item in list.Items)
        {
            isGood &= sink.AsScalar(item, "a flow", Example) is ScalarNode text && graph.ReadOne(text);
        }

        if (graph._flows.Count > CircuitLimits.MaxFlows)
        {
            sink.Report(CircuitCodes.Limit, list, CircuitMessages.TooMany("flows", CircuitLimits.MaxFlows));
            return null;
        }

        return isGood && graph.IsTight() && graph.TrySort() && graph.HasFewRoutes() ? graph : null;
    }

    private bool ReadOne(ScalarNode text)
    {
        string[] names = [.. text.Value.Split(Arrow).Select(name => name.Trim())];
        if (names.Length < 2 || names.Any(name => name.Length == 0 || name.Contains(' ', StringComparison.Ordinal)))
        {
            _sink.Report(CircuitCodes.Flow, text, CircuitMessages.Flow(text.Value));
            return false;
        }

        bool isGood = true;
        for (int i = 0; i < names.Length; i++)
        {
            isGood &= IsPlace(names[i], isFirst: i == 0, isLast: i == names.Length - 1, text);
        }

        for (int i = 1; isGood && i < names.Length; i++)
        {
            if (_flows.Any(flow => flow.From == names[i - 1] && flow.To == names[i]))
            {
                _sink.Report(CircuitCodes.Flow, text, CircuitMessages.FlowTwice(names[i - 1], names[i]));
                return false;
            }

            _flows.Add(new CircuitFlow(names[i - 1], names[i], text.Position));
        }

        return isGood;
    }

    private bool IsPlace(string name, bool isFirst, bool isLast, ScalarNode text)
    {
        if (!_names.TryGet(name, out FlowElementKind kind))
        {
            _sink.Report(CircuitCodes.UnknownName, text, CircuitMessages.UnknownName(name, _names.All));
            return false;
        }

        if (kind == FlowElementKind.Input && !isFirst)
        {
            _sink.Report(CircuitCodes.Direction, text, CircuitMessages.IntoInput(name));
            return false;
        }

        if (kind == FlowElementKind.Output && !isLast)
        {
            _sink.Report(CircuitCodes.Direction, text, CircuitMessages.OutOfOutput(name));
            return false;
        }

        return true;
    }

    // An input may be without flows: code of bound nodes can read it directly.
    private bool IsTight()
    {
        bool isGood = true;
        foreach (string name in _names.All)
        {
            _ = _names.TryGet(name, out FlowElementKind kind);
            if (kind != FlowElementKind.Input && !Into(name).Any())
            {
                _sink.Report(CircuitCodes.Loose, _names.NodeOf(name),
                    CircuitMessages.NoIncomingFlow(kind == FlowElementKind.Node ? "the node" : "the output", name));
                isGood = false;
            }

            if (kind == FlowElementKind.Node && !OutOf(name).Any())
            {
                _sink.Report(CircuitCodes.Loose, _names.NodeOf(name), CircuitMessages.NoOutgoingFlow(name));
                isGood = false;
            }
        }

        return isGood;
    }

    private bool TrySort()
    {
        Dictionary<string, int> waiting = _names.Of(FlowElementKind.Node)
            .ToDictionary(name => name, name => Into(name).Count(flow => IsNode(flow.From)), StringComparer.Ordinal);
        Queue<string> ready = new(_names.Of(FlowElementKind.Node).Where(name => waiting[name] == 0));
        List<string> order = [];
        while (ready.TryDequeue(out string? name))
        {
            order.Add(name);
            foreach (CircuitFlow flow in OutOf(name).Where(flow => IsNode(flow.To)))
            {
                if (--waiting[flow.To] == 0)
                {
                    ready.Enqueue(flow.To);
                }
            }
        }

        Order = order;
        if (order.Count == waiting.Count)
        {
            return true;
        }

        // Every node that still waits has a predecessor that waits too, so going back ends in a cycle.
        List<string> path = [waiting.First(node => node.Value > 0).Key];
        while (path.IndexOf(path[^1]) == path.Count - 1)
        {
            path.Add(Into(path[^1]).First(flow => IsNode(flow.From) && waiting[flow.From] > 0).From);
        }

        path.RemoveRange(0, path.IndexOf(path[^1]));
        path.Reverse();
        _sink.Report(CircuitCodes.Cycle, Into(path[1]).First(flow => flow.From == path[0]).Position,
            CircuitMessages.Cycle(string.Join($" {Arrow} ", path)));
        return false;
    }

    // A message follows every path, and each layer of parallel nodes multiplies the paths. The counts of all predecessors are within the
    // limit, so no sum overflows.
    private bool HasFewRoutes()
    {
        Dictionary<string, int> routes = _names.Of(FlowElementKind.Input).ToDictionary(name => name, _ => 1, StringComparer.Ordinal);
        foreach (string name in Order.Concat(_names.Of(FlowElementKind.Output)))
        {
            routes[name] = Into(name).Sum(flow => routes[flow.From]);
            if (routes[name] > CircuitLimits.MaxRoutes)
            {
                _sink.Report(CircuitCodes.Routes, Into(name).Last().Position, CircuitMessages.TooManyRoutes(name));
                return false;
            }
        }

        return true;
    }

    private bool IsNode(string name) => _names.TryGet(name, out FlowElementKind kind) && kind == FlowElementKind.Node;
}
