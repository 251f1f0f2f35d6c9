using System.Diagnostics.CodeAnalysis;
using Estream.Esf;

namespace Estream.Circuits;

/// <summary>Says what addresses belong to. Thread-safe for reading, once all are added.</summary>
public sealed class LexDirectory
{
    private readonly Dictionary<LexAddress, LexTarget> _targets = [];

    /// <summary>How many addresses there are.</summary>
    public int Count => _targets.Count;

    /// <summary>All addresses, in the order of their texts, and what they belong to.</summary>
    public IEnumerable<KeyValuePair<LexAddress, LexTarget>> All => _targets.OrderBy(entry => entry.Key.ToString(), StringComparer.Ordinal);

    /// <summary>Adds an address. The same again changes nothing.</summary>
    /// <param name="address">The address.</param>
    /// <param name="target">What it belongs to.</param>
    /// <exception cref="ArgumentException">It belongs to something else already.</exception>
    public void Add(LexAddress address, LexTarget target)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(target);
        if (!_targets.TryAdd(address, target) && _targets[address] is { } other && (other.Kind, other.Name) != (target.Kind, target.Name))
        {
            throw new ArgumentException($"{address} is the {other}, and cannot be the {target} too: give one of them another address.");
        }
    }

    /// <summary>Adds a circuit and the streams that it writes.</summary>
    /// <param name="circuit">The circuit.</param>
    /// <exception cref="ArgumentException">One of the addresses belongs to something else already.</exception>
    public void Add(Circuit circuit)
    {
        ArgumentNullException.ThrowIfNull(circuit);
        Add(circuit.Address, new LexTarget(LexTargetKind.Circuit, circuit.Name));
        foreach (CircuitPort output in circuit.Operation is null ? circuit.Outputs : [])
        {
            Add(output.Address!,
                output.Map is string map
                    ? new LexTarget(LexTargetKind.Map, map, output.Schema)
                    : new LexTarget(LexTargetKind.Queue, output.Queue!, output.Schema));
        }
    }

    /// <summary>Looks up an address, or the longest one that it lies behind.</summary>
    /// <param name="address">The address: of a circuit, a stream, or messages in one.</param>
    /// <param name="target">What it belongs to.</param>
    /// <param name="rest">What lies behind the address of that, beginning with a slash, which is the address of messages in it
    /// (<see cref="EsfAddressPattern"/>); empty where nothing does.</param>
    /// <returns>False when there is nothing of this address.</returns>
    public bool TryResolve(LexAddress address, [NotNullWhen(true)] out LexTarget? target, out string rest)
    {
        ArgumentNullException.ThrowIfNull(address);
        rest = "";
        string path = address.Path;
        LexAddress? at = address;
        while (at is not null)
        {
            // Below a circuit lie its outputs, and no messages.
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

/// <summary>What an address belongs to.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Name">Its name: of a circuit, a queue, or a map.</param>
/// <param name="Schema">The type of its messages; null where there may be several.</param>
public sealed record LexTarget(LexTargetKind Kind, string Name, EsfSchema? Schema = null)
{
    /// <summary>In words, such as <c>queue hot</c>.</summary>
    public override string ToString() =>
        $"{(Kind == LexTargetKind.Circuit ? "circuit" : Kind == LexTargetKind.Queue ? "queue" : "map")} {Name}";
}

/// <summary>What there is that has an address.</summary>
public enum LexTargetKind
{
    /// <summary>A circuit.</summary>
    Circuit,

    /// <summary>A stream of messages, one behind the other.</summary>
    Queue,

    /// <summary>A stream of states, of which there is the newest message of each key.</summary>
    Map,
}
