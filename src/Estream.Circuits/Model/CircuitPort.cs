using Estream.Esf;
using Estream.Esf.Expressions;
using Estream.Esf.Schema;

namespace Estream.Circuits;

/// <summary>An input or an output of a circuit. Immutable.</summary>
public sealed class CircuitPort
{
    internal CircuitPort(string name, EsfSchema schema, SourcePosition position, string? queue, string? map, EsfExpression? key,
        EsfAudienceFilter? audience)
    {
        Name = name;
        Schema = schema;
        Position = position;
        Queue = queue;
        Map = map;
        KeyExpression = key;
        Audience = audience;
    }

    /// <summary>Its name in flows.</summary>
    public string Name { get; }

    /// <summary>The type of its messages; of a timer <c>estream.system.TimerTick</c>.</summary>
    public EsfSchema Schema { get; }

    /// <summary>Where it is declared.</summary>
    public SourcePosition Position { get; }

    /// <summary>The queue that it reads or writes; null where it writes a map, and where the circuit is an operation, whose messages are
    /// handed over by call.</summary>
    public string? Queue { get; }

    /// <summary>The map that it writes, the newest message of each key; null where it is a queue.</summary>
    public string? Map { get; }

    /// <summary>The expression of the map's key; null where it is a queue.</summary>
    public string? Key => KeyExpression?.Text;

    /// <summary>How often a message comes by time, where the circuit runs; null where messages come from elsewhere.</summary>
    public TimeSpan? Every { get; internal init; }

    /// <summary>
    /// The address of its stream. An output has that of its circuit with its name behind it, where its file says nothing else; an input has
    /// one where its file says by its address what it reads, null otherwise.
    /// </summary>
    public LexAddress? Address { get; internal init; }

    /// <summary>Whether its file says by an address what it reads, and it was not looked up yet: <see cref="Circuit.Resolve"/>.</summary>
    public bool IsUnresolved { get; internal init; }

    internal EsfExpression? KeyExpression { get; }

    internal EsfAudienceFilter? Audience { get; }

    /// <summary>Whether it says nothing of where its messages are.</summary>
    internal bool IsBare => Queue == Name && Map is null && Audience is null;

    /// <summary>The same output with its address.</summary>
    internal CircuitPort At(LexAddress address) =>
        new(Name, Schema, Position, Queue, Map, KeyExpression, Audience) { Every = Every, Address = address };

    /// <summary>The same input, where its stream is.</summary>
    internal CircuitPort Reading(string queue) =>
        new(Name, Schema, Position, queue, Map, KeyExpression, Audience) { Every = Every, Address = Address };

    /// <summary>The same for messages that are handed over by call.</summary>
    internal CircuitPort ByCall() => new(Name, Schema, Position, null, null, null, null);
}
