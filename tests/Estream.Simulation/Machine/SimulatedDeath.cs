namespace Estream.Simulation.Machine;

/// <summary>How a process, or all of them, came to an end.</summary>
internal enum Death
{
    /// <summary>SIGKILL: the page cache stays.</summary>
    Kill,

    /// <summary>The machine stopped: what was not on the device is gone.</summary>
    PowerCut,
}

/// <summary>
/// Leaves the code under test at the operation at which its process ended. It is none of the exceptions that code knows, and what it
/// does while it is unwound has no effect: the memory was put aside, and storage refuses the dead.
/// </summary>
internal sealed class SimulatedDeath(Death kind) : Exception($"The simulated process ended: {kind}.")
{
    public Death Kind { get; } = kind;
}
