using System.Diagnostics.CodeAnalysis;
using Estream.Esf;

namespace Estream.Circuits;

/// <summary>Maps addresses to circuits, queues and maps. Safe for concurrent reads once all addresses are added.</summary>
public sealed class LexDirectory
{
    private readonly Dictionary<LexAddress, LexTarget> _targets = [];

    /// <summary>The number of addresses.</summary>
    public int Count => _targets.Count;

    /// <summary>All addresses with their targets, ordered by address text.</summary>
    public IEnumerable<KeyValuePair<LexAddress, LexTarget>> All => _targets.OrderBy(entry => entry.Key.ToString(), StringComparer.Ordinal);

    /// <summary>Adds an address. Adding the same address and target again has no effect.</summary>
    /// <param name="address">The address.</param>
    /// <param name="target">The target of the address.</param>
    /// <exception cref="ArgumentException">The address has another target already.</exception>
    public void Add(LexAddress address, LexTarget target)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(target);
        if (!_targets.TryAdd(address, target) && _targets[address] is { } other && (other.Kind, other.Name) != (target.Kind, target.Name))
        {
            throw new ArgumentException($"{address} is already the address of {other}. Give {target} another address.");
        }
    }

    /// <summary>Adds a circuit and the streams it writes.</summary>
    /// <param name="circuit">The circuit.</param>
    /// <exception cref="ArgumentException">One of the addresses has another target already.</exception>
    public void Add(Circuit circuit)
    {
        ArgumentNullException.ThrowIfNull(circuit);
        Add(circuit.Address, new LexTarget(LexTargetKind.Circuit, circuit.Name));
        foreach (CircuitPort output in circuit.Outputs)
        {
            Add(output.Address!,
                output.Map is string map
                    ? new LexTarget(LexTargetKind.Map, map, output.Schema)
                    : new LexTarget(LexTargetKind.Queue, output.Queue!, output.Schema));
        }
    }

    /// <summary>Looks up an address or, if the address has no target, its nearest parent whose target is a queue or map.</summary>
    /// <param name="address">The address of a circuit, a stream, or messages in a stream.</param>
    /// <param name="target">The target found.</param>
    /// <param name="rest">The part of the path below the address found, beginning with a slash: the address of messages in the stream
    /// (<see cref="EsfAddressPattern"/>); empty if the address itself was found.</param>
    /// <returns>False if the address has no target and no parent is a queue or map.</returns>
    public bool TryResolve(LexAddress address, [NotNullWhen(true)] out LexTarget? target, out string rest)
    {
        ArgumentNullException.ThrowIfNull(address);
        rest = "";
        string path = address.Path;
        LexAddress? at = address;
        while (at is not null)
        {
            // A circuit matches only its exact address: the addresses below belong to its outputs, and a circuit itself has no messages to
            // address.
            if (_targets.TryGetValue(at, out target) && (target.Kind != LexTargetKind.Circuit || at.Equals(address)))
            {
                rest = path[at.Path.Length..];
                return true;
            }

            at = at.Above();
        }

        target = null;
        return false;
    }
}

/// <summary>The target of an address.</summary>
/// <param name="Kind">The kind of target.</param>
/// <param name="Name">The name of the circuit, queue or map.</param>
/// <param name="Schema">The type of the messages; null if the stream may hold several types.</param>
public sealed record LexTarget(LexTargetKind Kind, string Name, EsfSchema? Schema = null)
{
    /// <summary>The target as text, such as <c>queue hot</c>.</summary>
    public override string ToString() =>
        $"{(Kind == LexTargetKind.Circuit ? "circuit" : Kind == LexTargetKind.Queue ? "queue" : "map")} {Name}";
}

/// <summary>The kinds of targets that have addresses.</summary>
public enum LexTargetKind
{
    /// <summary>A circuit.</summary>
    Circuit,

    /// <summary>A stream of messages in order.</summary>
    Queue,

    /// <summary>A stream of states: the newest message of each key.</summary>
    Map,
}
