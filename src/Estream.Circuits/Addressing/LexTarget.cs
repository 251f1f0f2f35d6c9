using Estream.Esf;

namespace Estream.Circuits;

/// <summary>What an address belongs to.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Name">Its name: of a circuit, a queue, or a map.</param>
/// <param name="Schema">The type of its messages; null where there may be several.</param>
public sealed record LexTarget(LexTargetKind Kind, string Name, EsfSchema? Schema = null)
{
    /// <summary>In words, such as <c>queue hot</c>.</summary>
    public override string ToString() => $"{(Kind == LexTargetKind.Circuit ? "circuit" : Kind == LexTargetKind.Queue ? "queue" : "map")} {Name}";
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
