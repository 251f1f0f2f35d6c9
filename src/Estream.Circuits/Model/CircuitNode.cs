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

    /// <summary>Its name in flows.</summary>
    public string Id { get; }

    /// <summary>What kind of node, as the file says it.</summary>
    public string Kind { get; }

    /// <summary>What it is for, in the author's words.</summary>
    public string? Description { get; }

    /// <summary>Where it is declared.</summary>
    public SourcePosition Position { get; }

    /// <summary>The type of the messages it takes.</summary>
    public EsfSchema Takes { get; }

    /// <summary>The type of the messages it makes.</summary>
    public EsfSchema Makes { get; }

    /// <summary>Whether the file does not say what it does: code has to
    /// (<see cref="Circuit.Bind(IReadOnlyDictionary{string, CircuitFunction})"/>).</summary>
    public bool IsBound => Step is null && TerminalOperator is null && Operation is null;

    /// <summary>The operation that it is; null where it is a node over streams.</summary>
    public CircuitOperation? Operation { get; }

    /// <summary>Whether it is known what it does to a stream.</summary>
    internal bool CanRun => Operation is null && (!IsBound || Code is not null);

    /// <summary>The code that a bound node is bound to.</summary>
    internal CircuitCode? Code { get; }

    internal CircuitNode With(CircuitCode code) => new(Id, Kind, Description, Position, Takes, Makes, Step, TerminalOperator, code);

    /// <summary>What it does to one message; null where it remembers, or is bound.</summary>
    internal Step? Step { get; }

    /// <summary>What it does to many messages; null where it takes one at a time, or is bound.</summary>
    internal TerminalOperator? TerminalOperator { get; }
}
