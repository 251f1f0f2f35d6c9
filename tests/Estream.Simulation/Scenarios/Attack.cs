namespace Estream.Simulation.Scenarios;

/// <summary>A failure that a run repeats, at moments and in combinations that a random schedule rarely has.</summary>
internal enum Attack
{
    /// <summary>All failures, each of them rarely.</summary>
    None,

    /// <summary>Power cuts, most of them within a few operations after an acknowledgement or during a recovery, and failed
    /// flushes.</summary>
    PowerCut,

    /// <summary>A disk with room for none, or for a few more segments.</summary>
    DiskFull,

    /// <summary>Clocks that are set by minutes to months, machines that are suspended, switched off, and started twice within an
    /// hour.</summary>
    Clock,
}
