namespace Estream.Scenarios.Harness;

/// <summary>The result of a row against its target.</summary>
internal enum Verdict
{
    /// <summary>The row does not have the figure, usually a ratio whose reference was not built. Not met, but not a failure.</summary>
    Unknown,

    /// <summary>The machine was busy while the row or its reference was measured, so the figures say nothing about the
    /// code.</summary>
    NotJudged,

    /// <summary>The required figure is missed.</summary>
    Missed,

    /// <summary>Nothing is required, and the aim is missed.</summary>
    AimMissed,

    /// <summary>The required figure is met.</summary>
    Met,

    /// <summary>The aim is met as well.</summary>
    AimMet,
}

/// <summary>The goals that a row must meet, and the goals it aims at; either list may be empty.</summary>
internal sealed record Target(IReadOnlyList<Goal> Must, IReadOnlyList<Goal> Aim)
{
    /// <summary>Requires a median of at most this many times the median of the case's reference.</summary>
    public static Target AtMost(double must, double? aim = null)
    {
        return new Target([Goal.AtMost(must)], aim is { } hoped ? [Goal.AtMost(hoped)] : []);
    }

    /// <summary>Requires a median of at least this figure, in the scenario's unit.</summary>
    public static Target AtLeast(double must, double? aim = null)
    {
        return new Target([Goal.AtLeast(must)], aim is { } hoped ? [Goal.AtLeast(hoped)] : []);
    }

    public string MustText => string.Join(", ", Must);

    public string AimText => string.Join(", ", Aim);

    public Verdict Judge(Row row)
    {
        bool?[] must = [.. Must.Select(goal => goal.IsKeptBy(row))];
        bool?[] aim = [.. Aim.Select(goal => goal.IsKeptBy(row))];
        if (must.Concat(aim).Any(kept => kept is null))
        {
            return Verdict.Unknown;
        }

        if (!row.IsFitToJudge)
        {
            return Verdict.NotJudged;
        }

        if (must.Any(kept => kept == false))
        {
            return Verdict.Missed;
        }

        return aim.Length > 0 && aim.All(kept => kept == true) ? Verdict.AimMet
            : must.Length > 0 ? Verdict.Met
            : Verdict.AimMissed;
    }
}

internal static class VerdictExtensions
{
    /// <summary>Returns the text for the table and the JSON.</summary>
    public static string ToText(this Verdict verdict) => verdict switch
    {
        Verdict.AimMet => "aim met",
        Verdict.Met => "met",
        Verdict.Missed => "MISSED",
        Verdict.AimMissed => "aim not met",
        Verdict.NotJudged => "not judged",
        _ => "no reference row",
    };
}
