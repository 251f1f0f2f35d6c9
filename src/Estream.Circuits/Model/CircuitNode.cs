using Estream.Circuits.Operations;
using Estream.Esf;
using Estream.Esf.Schema;
using Estream.Streams.Pipelines.Running;

namespace Estream.Circuits;

/// <summary>A node of a circuit. Immutable.</summary>
public sealed class CircuitNode
{
    internal CircuitNode(string id, string kind, string? description, SourcePosition position, EsfSchema takes, EsfSchema makes, Step? step,
        TerminalOperator? ending, CircuitCode? code = null, CircuitOperation? operation = null)
    {
        Id = id;
        Kind = kind;
        Description = description;
        Position = position;
        Takes = takes;
        Makes = makes;
        Step = step;
        TerminalOperator = ending;
        Code = code;
        Operation = operation;
    }

    /// <summary>The id by which flows refer to the node.</summary>
    public string Id { get; }

    /// <summary>The kind of node, as written in the file.</summary>
    public string Kind { get; }

    /// <summary>The author's description.</summary>
    public string? Description { get; }

    /// <summary>The position of the declaration in the file.</summary>
    public SourcePosition Position { get; }

    /// <summary>The type of the messages that the node reads.</summary>
    public EsfSchema Takes { get; }

    /// <summary>The type of the messages that the node produces.</summary>
    public EsfSchema Makes { get; }

    /// <summary>Whether the file does not define the behaviour of the node, so that code must supply it
    /// (<see cref="Circuit.Bind(IReadOnlyDictionary{string, CircuitFunction})"/>).</summary>
    public bool IsBound => Step is null && TerminalOperator is null && Operation is null;

    /// <summary>The operation, if the node is one; null for a node over streams.</summary>
    public CircuitOperation? Operation { get; }

    /// <summary>Whether the behaviour of the node is defined, by the file or by code.</summary>
    internal bool CanRun => !IsBound || Code is not null;

    /// <summary>The code of a bound node or an operation; null if none was supplied.</summary>
    internal CircuitCode? Code { get; }

    internal CircuitNode With(CircuitCode code) => new(Id, Kind, Description, Position, Takes, Makes, Step, TerminalOperator, code,
        Operation);

    /// <summary>The stateless step for one message; null if the node keeps state or is bound.</summary>
    internal Step? Step { get; }

    /// <summary>The operator over many messages; null if the node handles one message at a time or is bound.</summary>
    internal TerminalOperator? TerminalOperator { get; }
}
