namespace Estream.Scenarios.Harness;

/// <summary>How far a row came.</summary>
internal enum Verdict
{
    /// <summary>The row has not the figure, which is mostly a ratio whose reference was not built: not met, and nobody's fault.</summary>
    Unknown,

    /// <summary>The machine was busy while the row or its reference was measured: whatever the figures say, the code has not said
    /// it.</summary>
    NotJudged,

    /// <summary>What was demanded is not kept.</summary>
    Missed,

    /// <summary>Nothing was demanded, and what was hoped for is not kept.</summary>
    AimMissed,

    /// <summary>What was demanded is kept.</summary>
    Met,

    /// <summary>What was hoped for is kept as well.</summary>
    AimMet,
}

/// <summary>What a row must reach, and what it aims at; either may be empty.</summary>
internal sealed record Target(IReadOnlyList<Goal> Must, IReadOnlyList<Goal> Aim)
{
    /// <summary>At most so many times the median of the case's reference.</summary>
    public static Target AtMost(double must, double? aim = null)
    {
        return new Target([Goal.AtMost(must)], aim is { } hoped ? [Goal.AtMost(hoped)] : []);
    }

    /// <summary>A median of at least this, in the scenario's unit.</summary>
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
    /// <summary>As the table and the JSON say it.</summary>
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
