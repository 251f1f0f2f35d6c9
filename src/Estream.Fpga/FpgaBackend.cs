namespace Estream.Fpga;

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
