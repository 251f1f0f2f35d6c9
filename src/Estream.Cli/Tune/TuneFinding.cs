namespace Estream.Cli.Tune;

/// <summary>The state of a setting.</summary>
internal enum TuneVerdict
{
    /// <summary>The present value is the proposed value, or better.</summary>
    Ok,

    /// <summary><c>estream tune apply</c> can set the proposed value, and <c>undo</c> can put the present value back.</summary>
    Change,

    /// <summary>Only the administrator can change the setting, as the advice says.</summary>
    Manual,

    /// <summary>This kernel or machine does not have the setting.</summary>
    Absent,
}

/// <summary>One write to a file in /proc or /sys.</summary>
/// <param name="Path">The file, such as <c>/proc/sys/vm/swappiness</c>.</param>
/// <param name="Before">The value before the write.</param>
/// <param name="After">The proposed value.</param>
internal sealed record TuneChange(string Path, string Before, string After);

/// <summary>A setting, its present and proposed value, and the reason.</summary>
/// <param name="Name">The name, as in <c>--only</c>.</param>
/// <param name="Verdict">The state.</param>
/// <param name="Present">The present value; empty if the setting is absent.</param>
/// <param name="Proposed">The proposed value; empty if there is none.</param>
/// <param name="Why">What the proposed value improves.</param>
internal sealed record TuneFinding(string Name, TuneVerdict Verdict, string Present, string Proposed, string Why)
{
    /// <summary>What the administrator can do; empty if there is no advice.</summary>
    public string Advice { get; init; } = "";

    /// <summary>The writes that set the proposed value; empty unless the verdict is <see cref="TuneVerdict.Change"/>.</summary>
    public IReadOnlyList<TuneChange> Changes { get; init; } = [];
}
