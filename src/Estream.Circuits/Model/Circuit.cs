using Estream.Circuits.Operations;
using Estream.Core;
using Estream.Esf;
using Estream.Esf.Expressions;
using Estream.Esf.Schema;
using Estream.Streams.Pipelines;

namespace Estream.Circuits;

/// <summary>
/// A SmartCircuit: a graph of nodes between typed inputs and outputs, read from an ESCIR file (docs/formats/escir.md) and validated.
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

    /// <summary>The name, for example <c>acme.boiler.alarms.v1</c>: the last word is the major version.</summary>
    public string Name => _head.Name;

    /// <summary>The version.</summary>
    public SemanticVersion Version => _head.Version;

    /// <summary>The address that the file declares; if it declares none, the address <see cref="LexAddress.OfName">derived from the
    /// name</see>.</summary>
    public LexAddress Address => _head.Address;

    /// <summary>The author's description.</summary>
    public string? Description => _head.Description;

    /// <summary>The witness tier that the file's annotations declare; null if they declare none.</summary>
    public int? WitnessTier => _head.Annotations.WitnessTier;

    /// <summary>The governance category that the file's annotations declare, for which a runtime may require approvals
    /// (<see cref="CircuitRuntimeOptions.GovernanceApprovals"/>); null if they declare none.</summary>
    public string? GovernanceCategory => _head.Annotations.GovernanceCategory;

    /// <summary>The stream pattern that the file's annotations declare: <c>event</c>, <c>state</c>, <c>signal</c>, <c>log</c>,
    /// <c>curated</c>, <c>transaction</c>, <c>media</c> or <c>mpc_session</c>; null if they declare none.</summary>
    public string? StreamPattern => _head.Annotations.StreamPattern;

    /// <summary>The topology that the file's annotations declare: <c>pipeline</c>, <c>fan_out</c>, <c>fan_in</c> or <c>graph</c>; null if
    /// they declare none.</summary>
    public string? Topology => _head.Annotations.Topology;

    /// <summary>The service level that the circuit promises; null if it promises none.</summary>
    public ServiceLevel? ServiceLevel => _head.Annotations.ServiceLevel;

    /// <summary>The number of approvals that the circuit's file needs before a <see cref="CircuitRuntime"/> runs it, from the annotation
    /// <c>governance</c>; 0 if none is needed.</summary>
    public int RequiredApprovals => _head.Annotations.Approvals;

    /// <summary>The queue to which the circuit writes a record of each execution (<see cref="CircuitExecution"/>), from the annotation
    /// <c>execution_records</c>; null if it writes none.</summary>
    public string? ExecutionRecords => _head.Annotations.ExecutionRecords;

    /// <summary>The transaction log of a circuit with the stream pattern <c>transaction</c>, from the annotation <c>transaction_log</c>.
    /// The results of one message become visible in the queues of all outputs together or not at all. Read these queues with
    /// <see cref="Streams.EsfTransactionalTailer{TView}"/>. Null for other patterns.</summary>
    public string? TransactionLog => Reading.PatternChecks.CanBeTransactional(this) ? _head.Annotations.TransactionLog : null;

    /// <summary>The unverified approvals found next to the circuit's file: <see cref="CircuitApproval"/>.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Approvals { get; private init; } = [];

    /// <summary>The queue for messages that a node or an invariant rejects; null if they are only counted.</summary>
    public string? RejectedQueue => _head.Rejected;

    /// <summary>The inputs, in the order of the file.</summary>
    public IReadOnlyList<CircuitPort> Inputs { get; }

    /// <summary>The outputs, in the order of the file.</summary>
    public IReadOnlyList<CircuitPort> Outputs { get; }

    /// <summary>The nodes in topological order: each after the nodes it reads from.</summary>
    public IReadOnlyList<CircuitNode> Nodes { get; }

    /// <summary>The operation that the circuit ends with; null if it has none. The circuit executes it for each request that reaches its
    /// node.</summary>
    public CircuitOperation? Operation => OperationNode?.Operation;

    /// <summary>Whether the circuit consists of an <see cref="Operation"/> alone. A program can then call it
    /// (<see cref="OperationCircuit"/>).</summary>
    public bool IsCallable => Nodes.Count == 1 && Operation is not null;

    /// <summary>The edges of the graph.</summary>
    public IReadOnlyList<CircuitFlow> Flows { get; }

    /// <summary>The conditions that messages must meet.</summary>
    public IReadOnlyList<CircuitInvariant> Invariants { get; }

    /// <summary>
    /// The pipelines that run the circuit: one for each output, with the nodes that lead to it and its own read position, so that each
    /// result is written exactly once; a single pipeline if the circuit has a <see cref="TransactionLog"/>. Empty if a node is
    /// <see cref="CircuitNode.IsBound">bound</see> and its code was not supplied.
    /// </summary>
    public IReadOnlyList<DeclaredPipeline> Pipelines { get; }

    /// <summary>The node of the <see cref="Operation"/>; null if there is none.</summary>
    internal CircuitNode? OperationNode => Nodes.FirstOrDefault(node => node.Operation is not null);

    /// <summary>Whether the file names schema files.</summary>
    internal bool HasSchemaFiles => _head.HasSchemaFiles;

    /// <summary>The transaction log that the file's annotations declare, even if the circuit cannot write in transactions.</summary>
    internal string? DeclaredTransactionLog => _head.Annotations.TransactionLog;

    /// <summary>The text of the file.</summary>
    internal string Text => _head.Text;

    /// <summary>The maximum length in bytes of the messages that the circuit produces.</summary>
    internal int MaxBytes => _head.MaxBytes;

    /// <summary>The part of the file that determines results.</summary>
    internal Estream.Esf.Schema.Internal.MapNode Fingerprint => _head.Fingerprint;

    /// <summary>Reads a circuit file.</summary>
    /// <param name="path">The path of the file. Schema files it names are in the same directory or below.</param>
    /// <param name="known">Schemas that the file may use without naming their files; the built-in schemas when omitted.</param>
    /// <exception cref="EstreamFormatException">The file cannot be read or has errors. The message lists all errors, each with its line and
    /// a correction.</exception>
    public static Circuit Load(string path, EsfSchemaSet? known = null)
    {
        CircuitReadResult result = CircuitReader.Load(path, known ?? EsfSchemaSet.BuiltIn);
        return result.Circuit
            ?? throw new EstreamFormatException($"The circuit '{path}' has errors:\n{string.Join('\n', result.Diagnostics)}", path);
    }

    /// <summary>Returns the circuit with code for its bound nodes.</summary>
    /// <param name="functions">The functions by node id, for some or all bound nodes.</param>
    /// <exception cref="ArgumentException">An id is not that of a bound node.</exception>
    public Circuit Bind(IReadOnlyDictionary<string, CircuitFunction> functions)
    {
        ArgumentNullException.ThrowIfNull(functions);
        return Bind([.. functions.Keys], _ => functions, nameof(functions));
    }

    /// <summary>Returns the circuit with code that keeps state or reads data from outside the circuit. The code is created each time the
    /// circuit is opened, and a second time if rejected messages go to a queue.</summary>
    /// <param name="nodes">The ids of some or all bound nodes.</param>
    /// <param name="code">Creates the functions for these ids. State that the functions share belongs to one opened circuit and to one
    /// thread at a time.</param>
    /// <exception cref="ArgumentException">An id is not that of a bound node.</exception>
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
                $"'{other}' is not a bound node of {this}. Bound nodes: {string.Join(", ", bound.DefaultIfEmpty("none"))}.",
                parameter);
        }

        return With([.. Nodes.Select(node => nodes.Contains(node.Id) ? node.With(code) : node)]);
    }

    /// <summary>Returns the circuit with code that executes its operation.</summary>
    internal Circuit BindOperation(CircuitCode code) =>
        With([.. Nodes.Select(node => node.Operation is null ? node : node.With(code))]);

    private Circuit With(IReadOnlyList<CircuitNode> nodes) =>
        new(_head, Inputs, Outputs, nodes, Flows, Invariants) { Approvals = Approvals };

    /// <summary>Returns the circuit with its input addresses resolved to queues.</summary>
    /// <param name="streams">The directory of addresses.</param>
    /// <exception cref="ArgumentException">An address has no target, is not a queue, holds messages of another type, or is a queue that the
    /// circuit writes itself. The message lists all errors, one on each line.</exception>
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
        string? error = !streams.TryResolve(address, out LexTarget? target, out string rest) ? "nothing has this address"
            : rest.Length > 0 ? $"'{rest}' addresses messages in the {target}; name the address of the stream itself"
            : target.Kind != LexTargetKind.Queue ? $"it is the {target}, but an input must be a queue"
            : target.Schema is { } schema && schema.Id != input.Schema.Id
                ? $"its messages are {schema}, but the input takes {input.Schema}"
            : Pipelines.Any(pipeline => pipeline.QueuesWritten.Contains(target.Name))
                ? $"it is the {target}, which the circuit writes itself"
                : null;
        if (error is null)
        {
            return input.Reading(target!.Name);
        }

        errors.Add($"the input '{input.Name}' of {this} reads {address}: {error}");
        return input;
    }

    /// <summary>Returns the circuit with other approvals.</summary>
    /// <param name="approvals">The signatures. Signatures that are not valid approvals are not counted.</param>
    public Circuit WithApprovals(IReadOnlyList<ReadOnlyMemory<byte>> approvals)
    {
        ArgumentNullException.ThrowIfNull(approvals);
        return new Circuit(_head, Inputs, Outputs, Nodes, Flows, Invariants) { Approvals = [.. approvals] };
    }

    /// <summary>The name and version.</summary>
    public override string ToString() => $"{Name} {Version}";
}

/// <summary>An edge of the graph: messages flow from an input or node to a node or output.</summary>
/// <param name="From">The name of an input or the id of a node.</param>
/// <param name="To">The id of a node or the name of an output.</param>
/// <param name="Position">The position of the declaration in the file.</param>
public sealed record CircuitFlow(string From, string To, SourcePosition Position);

/// <summary>A condition that every message at one input, node or output must meet. A message that does not meet it is rejected.
/// Immutable.</summary>
public sealed class CircuitInvariant
{
    internal CircuitInvariant(string place, EsfExpression condition, SourcePosition position)
    {
        Place = place;
        Condition = condition;
        Position = position;
    }

    /// <summary>The input, node or output whose messages are checked.</summary>
    public string Place { get; }

    /// <summary>The condition as written in the file.</summary>
    public string Text => Condition.Text;

    /// <summary>The position of the declaration in the file.</summary>
    public SourcePosition Position { get; }

    internal EsfExpression Condition { get; }
}
