namespace Estream.Fpga;

/// <summary>What a card is and what it can do.</summary>
/// <param name="Uri">The address it was opened by.</param>
/// <param name="Backend">What answers.</param>
/// <param name="ClockKhz">The clock its cycles count by, in kHz, as it was built for. Of a simulated card it says nothing of time.</param>
/// <param name="Lanes">How many queues, and as many maps, it keeps apart.</param>
/// <param name="MapSlots">Slots of its map, those of the stash not counted.</param>
/// <param name="HotKeys">Entries of its memory for hot keys.</param>
/// <param name="AbiVersion">Major (upper 16 bits) and minor version of what host and card agree on.</param>
/// <param name="HasAppend">Whether it numbers and checks messages.</param>
/// <param name="HasMap">Whether it keeps maps.</param>
/// <param name="HasLeafHash">Whether it hashes leaves of Merkle trees.</param>
public sealed record FpgaInfo(
    string Uri, FpgaBackend Backend, int ClockKhz, int Lanes, int MapSlots, int HotKeys, uint AbiVersion, bool HasAppend, bool HasMap,
    bool HasLeafHash)
{
    /// <summary>Whether it is no hardware.</summary>
    public bool IsSimulated => Backend != FpgaBackend.Pcie;

    /// <summary>Which engines it has, for people: <c>append, map, leaf hash</c>.</summary>
    public string Engines
    {
        get
        {
            string[] engines =
                [.. new[] { HasAppend ? "append" : "", HasMap ? "map" : "", HasLeafHash ? "leaf hash" : "" }.Where(one => one.Length > 0)];
            return engines.Length == 0 ? "none" : string.Join(", ", engines);
        }
    }
}

/// <summary>What answers as a card. Every report says it, so that nobody takes cycles of a simulation for time of hardware.</summary>
public enum FpgaBackend
{
    /// <summary>The card's circuit, simulated: results and cycles are those of the card, times are those of the simulation.</summary>
    Simulated = 1,

    /// <summary>A card on the bus.</summary>
    Pcie = 2,

    /// <summary>No card: registers and rings that answer whatever comes, to measure the host and to test what goes wrong.</summary>
    Loopback = 3,
}
