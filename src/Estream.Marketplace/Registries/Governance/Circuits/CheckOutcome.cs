using Estream.Circuits;

namespace Estream.Marketplace.Governance;

/// <summary>What came of a check. There are four answers, since a check that nobody ran, or that could not come to its end, has not said
/// yes: only <see cref="Passed"/> is a pass.</summary>
public enum CheckOutcome
{
    /// <summary>It was not run, or not to its end: also what nobody said anything of.</summary>
    NotRun,

    /// <summary>It was run, and says yes.</summary>
    Passed,

    /// <summary>It was run, and says no.</summary>
    Failed,

    /// <summary>It could not say: it crashed, took too long, or lacked something.</summary>
    Error,
}
