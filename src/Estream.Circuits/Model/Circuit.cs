using Estream.Circuits.Operations;
using Estream.Core;
using Estream.Esf;
using Estream.Esf.Expressions;
using Estream.Esf.Schema;
using Estream.Streams.Pipelines;

namespace Estream.Circuits;

/// <summary>
/// A SmartCircuit: a graph of nodes between typed inputs and outputs, read from an ESCIR file (docs/formats/escir.md) and checked whole.
/// Immutable.
/// </summary>
public sealed class Circuit
{
    private readonly CircuitHead _head;

    internal Circuit(CircuitHead head, IReadOnlyList<CircuitPort> inputs, IReadOnlyList<CircuitPort> outputs,
        IReadOnlyList<CircuitNode> nodes, IReadOnlyList<CircuitFlow> flows, IReadOnlyList<CircuitInvariant> invariants)
    {
        _head = head;
        Inputs = inputs;
        Outputs = [.. outputs.Select(output => output.Address is null ? output.At(head.Address.Below(output.Name)) : output)];
        Nodes = nodes;
        Flows = flows;
        Invariants = invariants;
        Pipelines = nodes.All(node => node.CanRun) ? Running.CircuitPipelines.Of(this, head.Rejected) : [];
    }

    /// <summary>Its name, for example <c>acme.boiler.alarms.v1</c>: the last word is the major version.</summary>
    public string Name => _head.Name;

    /// <summary>Its version.</summary>
    public SemanticVersion Version => _head.Version;

    /// <summary>Its address: that which its file says, or <see cref="LexAddress.OfName">that of its name</see>.</summary>
    public LexAddress Address => _head.Address;

    /// <summary>What it is for, in the author's words.</summary>
    public string? Description => _head.Description;

    /// <summary>How strictly it is witnessed, as its annotation says; null where it says nothing.</summary>
    public int? WitnessTier => _head.Annotations.WitnessTier;

    /// <summary>Who governs it, as its annotation says; null where it says nothing.</summary>
    public string? GovernanceCategory => _head.Annotations.GovernanceCategory;

    /// <summary>What its outputs are, as its annotation says: <c>event</c> or <c>state</c>; null where it says nothing.</summary>
    public string? StreamPattern => _head.Annotations.StreamPattern;

    /// <summary>What form its flows have, as its annotation says: <c>pipeline</c>, <c>fan_out</c>, <c>fan_in</c> or <c>graph</c>; null
    /// where it says nothing.</summary>
    public string? Topology => _head.Annotations.Topology;

    /// <summary>What it promises to do in time; null where it promises nothing.</summary>
    public ServiceLevel? ServiceLevel => _head.Annotations.ServiceLevel;

    /// <summary>How many have to approve of its file before a <see cref="CircuitRuntime"/> runs it, as its annotation <c>governance</c>
    /// says; 0 where nobody has to.</summary>
    public int RequiredApprovals => _head.Annotations.Approvals;

    /// <summary>What is said to be approvals of it, as they lay beside its file: <see cref="CircuitApproval"/>.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Approvals { get; private init; } = [];

    /// <summary>The queue of messages that a node or an invariant rejects; null where they are counted only.</summary>
    public string? RejectedQueue => _head.Rejected;

    /// <summary>Its inputs, in the order of the file.</summary>
    public IReadOnlyList<CircuitPort> Inputs { get; }

    /// <summary>Its outputs, in the order of the file.</summary>
    public IReadOnlyList<CircuitPort> Outputs { get; }

    /// <summary>Its nodes, each behind those it takes messages of.</summary>
    public IReadOnlyList<CircuitNode> Nodes { get; }

    /// <summary>The operation that it is, done by call (<see cref="OperationCircuit"/>); null where it is a graph over streams.</summary>
    public CircuitOperation? Operation => Nodes.Count == 1 ? Nodes[0].Operation : null;

    /// <summary>What flows from where to where.</summary>
    public IReadOnlyList<CircuitFlow> Flows { get; }

    /// <summary>What holds of all messages.</summary>
    public IReadOnlyList<CircuitInvariant> Invariants { get; }

    /// <summary>
    /// What runs it: for each output the nodes that lead there, with a place of its own in the input, so that each result is there exactly
    /// once. Empty where a node is <see cref="CircuitNode.IsBound">bound</see> and code was not given, and where it is an
    /// <see cref="Operation"/>.
    /// </summary>
    public IReadOnlyList<DeclaredPipeline> Pipelines { get; }

    /// <summary>Its file, as it was read.</summary>
    internal string Text => _head.Text;

    /// <summary>The longest message that it makes.</summary>
    internal int MaxBytes => _head.MaxBytes;

    /// <summary>What its file says of what it does.</summary>
    internal Estream.Esf.Schema.Internal.MapNode Fingerprint => _head.Fingerprint;

    /// <summary>Reads a circuit file.</summary>
    /// <param name="path">Its path. Schema files it names lie beside it, or below.</param>
    /// <param name="known">Schemas that need not be named; the built-in ones when omitted.</param>
    /// <exception cref="EstreamFormatException">The file cannot be read, or has mistakes: all are named, each with its line and what to
    /// write instead.</exception>
    public static Circuit Load(string path, EsfSchemaSet? known = null)
    {
        CircuitReadResult result = CircuitReader.Load(path, known ?? EsfSchemaSet.BuiltIn);
        return result.Circuit
            ?? throw new EstreamFormatException($"The circuit '{path}' has mistakes:\n{string.Join('\n', result.Diagnostics)}", path);
    }

    /// <summary>The same circuit with code for nodes that do not say what they do.</summary>
    /// <param name="functions">The functions by the ids of the nodes, all of them or some.</param>
    /// <exception cref="ArgumentException">There is no node of an id, or its file says what it does.</exception>
    public Circuit Bind(IReadOnlyDictionary<string, CircuitFunction> functions)
    {
        ArgumentNullException.ThrowIfNull(functions);
        return Bind([.. functions.Keys], _ => functions, nameof(functions));
    }

    /// <summary>The same circuit with code that remembers, or that reads what the circuit does not: it is made anew for each time that the
    /// circuit is opened, and once more where its rejected messages go to a queue.</summary>
    /// <param name="nodes">The ids of the nodes it is for, all of them or some.</param>
    /// <param name="code">Makes the functions for these ids. What they share belongs to one opening, and to one thread at a time.</param>
    /// <exception cref="ArgumentException">There is no node of an id, or its file says what it does.</exception>
    public Circuit Bind(IReadOnlyCollection<string> nodes, CircuitCode code)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        ArgumentNullException.ThrowIfNull(code);
        return Bind(nodes, code, nameof(nodes));
    }

    private Circuit Bind(IReadOnlyCollection<string> nodes, CircuitCode code, string parameter)
    {
        string[] bound = [.. Nodes.Where(node => node.IsBound).Select(node => node.Id)];
        if (nodes.FirstOrDefault(id => !bound.Contains(id)) is string other)
        {
            throw new ArgumentException(
                $"'{other}' is no node of {this} that is bound to code; those are {string.Join(", ", bound.DefaultIfEmpty("none"))}.",
                parameter);
        }

        return new Circuit(_head, Inputs, Outputs, [.. Nodes.Select(node => nodes.Contains(node.Id) ? node.With(code) : node)], Flows,
            Invariants)
        {
            Approvals = Approvals,
        };
    }

    /// <summary>The same circuit with inputs that read what lies at their addresses.</summary>
    /// <param name="streams">Says what lies where.</param>
    /// <exception cref="ArgumentException">At an address there is nothing, or no queue, or one whose messages are of another type, or that
    /// the circuit writes itself. All mistakes are named, one in a line.</exception>
    public Circuit Resolve(LexDirectory streams)
    {
        ArgumentNullException.ThrowIfNull(streams);
        List<string> errors = [];
        List<CircuitPort> inputs = [.. Inputs.Select(input => input.IsUnresolved ? Resolved(input, streams, errors) : input)];
        return errors.Count == 0
            ? new Circuit(_head, inputs, Outputs, Nodes, Flows, Invariants) { Approvals = Approvals }
            : throw new ArgumentException(string.Join('\n', errors));
    }

    private CircuitPort Resolved(CircuitPort input, LexDirectory streams, List<string> errors)
    {
        LexAddress address = input.Address!;
        string? error = !streams.TryResolve(address, out LexTarget? target, out string rest) ? "there is nothing"
            : rest.Length > 0 ? $"there is nothing: '{rest}' are messages of the {target}, whose address an input names"
            : target.Kind != LexTargetKind.Queue ? $"there is the {target}, and an input reads a queue"
            : target.Schema is { } schema && schema.Id != input.Schema.Id
                ? $"there are messages of {schema}, and the input takes {input.Schema}"
            : Pipelines.Any(pipeline => pipeline.QueuesWritten.Contains(target.Name))
                ? $"there is the {target}, which the circuit writes itself"
                : null;
        if (error is null)
        {
            return input.Reading(target!.Name);
        }

        errors.Add($"the input '{input.Name}' of {this} reads {address}, and {error}");
        return input;
    }

    /// <summary>The same circuit with other approvals.</summary>
    /// <param name="approvals">Signatures; what is none is not counted.</param>
    public Circuit WithApprovals(IReadOnlyList<ReadOnlyMemory<byte>> approvals)
    {
        ArgumentNullException.ThrowIfNull(approvals);
        return new Circuit(_head, Inputs, Outputs, Nodes, Flows, Invariants) { Approvals = [.. approvals] };
    }

    /// <summary>Its name and version.</summary>
    public override string ToString() => $"{Name} {Version}";
}

/// <summary>That messages go from one input or node to another node or an output.</summary>
/// <param name="From">The name of an input or the id of a node.</param>
/// <param name="To">The id of a node or the name of an output.</param>
/// <param name="Position">Where the file says so.</param>
public sealed record CircuitFlow(string From, string To, SourcePosition Position);

/// <summary>A condition that every message holds at one place of a circuit. A message for which it does not hold goes no further, and is
/// rejected. Immutable.</summary>
public sealed class CircuitInvariant
{
    internal CircuitInvariant(string place, EsfExpression condition, SourcePosition position)
    {
        Place = place;
        Condition = condition;
        Position = position;
    }

    /// <summary>The input, node or output whose messages it is about.</summary>
    public string Place { get; }

    /// <summary>The condition, as the file says it.</summary>
    public string Text => Condition.Text;

    /// <summary>Where it is declared.</summary>
    public SourcePosition Position { get; }

    internal EsfExpression Condition { get; }
}
