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

    /// <summary>The name by which flows refer to the port.</summary>
    public string Name { get; }

    /// <summary>The type of the messages; <c>estream.system.TimerTick</c> for a timer.</summary>
    public EsfSchema Schema { get; }

    /// <summary>The position of the declaration in the file.</summary>
    public SourcePosition Position { get; }

    /// <summary>The queue that the port reads or writes; null if the port writes a map. A call of an operation
    /// (<see cref="Operations.OperationCircuit"/>) does not use the queues of its ports.</summary>
    public string? Queue { get; }

    /// <summary>The map that the port writes, which keeps the newest message of each key; null for a queue.</summary>
    public string? Map { get; }

    /// <summary>The key expression of the map; null for a queue.</summary>
    public string? Key => KeyExpression?.Text;

    /// <summary>The interval of the timer; null if messages come from elsewhere.</summary>
    public TimeSpan? Every { get; internal init; }

    /// <summary>
    /// The address of the stream. For an output: the declared address, or by default the address of the circuit followed by the name of the
    /// output. For an input: the address the file declares as its source; null if it declares none.
    /// </summary>
    public LexAddress? Address { get; internal init; }

    /// <summary>Whether the input is declared by address and the address is not resolved yet: <see cref="Circuit.Resolve"/>.</summary>
    public bool IsUnresolved { get; internal init; }

    internal EsfExpression? KeyExpression { get; }

    internal EsfAudienceFilter? Audience { get; }

    /// <summary>Returns the port with an address.</summary>
    internal CircuitPort At(LexAddress address) =>
        new(Name, Schema, Position, Queue, Map, KeyExpression, Audience) { Every = Every, Address = address };

    /// <summary>Returns the input with the queue of its stream.</summary>
    internal CircuitPort Reading(string queue) =>
        new(Name, Schema, Position, queue, Map, KeyExpression, Audience) { Every = Every, Address = Address };
}
