namespace Estream.Fpga;

/// <summary>Description and features of a card.</summary>
/// <param name="Uri">The address by which the card was opened.</param>
/// <param name="Backend">The kind of card.</param>
/// <param name="ClockKhz">The designed clock rate of the card, in kHz. A simulated card does not run at this rate.</param>
/// <param name="Lanes">The number of separate queues, and of separate maps.</param>
/// <param name="MapSlots">The number of slots of the map, without the stash.</param>
/// <param name="HotKeys">The number of entries of the hot-key memory.</param>
/// <param name="AbiVersion">Major (upper 16 bits) and minor version of the interface between host and card.</param>
/// <param name="HasAppend">Whether the card has an append engine, which numbers and checks messages.</param>
/// <param name="HasMap">Whether the card has a map engine.</param>
/// <param name="HasLeafHash">Whether the card has an engine that hashes leaves of Merkle trees.</param>
public sealed record FpgaInfo(
    string Uri, FpgaBackend Backend, int ClockKhz, int Lanes, int MapSlots, int HotKeys, uint AbiVersion, bool HasAppend, bool HasMap,
    bool HasLeafHash)
{
    /// <summary>True if the answers do not come from hardware.</summary>
    public bool IsSimulated => Backend != FpgaBackend.Pcie;

    /// <summary>The card's engines as text for people: <c>append, map, leaf hash</c>, or <c>none</c>.</summary>
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

/// <summary>The kind of card that answers. Every report includes it, so that cycles of a simulation are not mistaken for time of
/// hardware.</summary>
public enum FpgaBackend
{
    /// <summary>A simulation of the card's circuit. Results and cycles match the card; times do not, because they are the times of the
    /// simulation.</summary>
    Simulated = 1,

    /// <summary>A card on the bus.</summary>
    Pcie = 2,

    /// <summary>No card: registers and rings that complete every submission, to measure the host and to test failures.</summary>
    Loopback = 3,
}
