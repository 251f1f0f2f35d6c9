namespace Estream.Scenarios.Harness;

/// <summary>
/// One row of the table and of the JSON: median, minimum and maximum over rounds of the mean cost in a round.
/// </summary>
internal sealed record Row(string Scenario, string Implementation, string Case, string Unit)
{
    private const double DisturbedShare = 0.02;

    public required double Median { get; init; }

    public required double Min { get; init; }

    public required double Max { get; init; }

    /// <summary>Measured rounds; warm-up rounds are not counted.</summary>
    public required int Runs { get; init; }

    /// <summary>Median over rounds of the bytes allocated per operation; null if the contender does not report it.</summary>
    public double? AllocatedPerOperation { get; init; }

    /// <summary>Median over rounds of the share of the time in which the thread waited in the run queue.</summary>
    public double? WaitedShare { get; init; }

    /// <summary>Whether the row waited so much that its figures reflect the load of the machine more than the code.</summary>
    public bool IsDisturbed => WaitedShare > DisturbedShare;

    /// <summary>Whether a target can be judged: neither the row nor its reference was disturbed.</summary>
    public bool IsFitToJudge => !IsDisturbed && Ratio?.IsReferenceDisturbed != true;

    public double? P50 { get; init; }

    public double? P99 { get; init; }

    public double? P999 { get; init; }

    /// <summary>The longest operation of all measured rounds, in ns, which a median over rounds would hide.</summary>
    public double? Longest { get; init; }

    /// <summary>Page faults of the measured thread in all measured rounds; null where they were not counted.</summary>
    public long? PageFaults { get; init; }

    /// <summary>The comparison with the row's reference; null for the reference itself, and if there is none.</summary>
    public Ratio? Ratio { get; init; }

    public Target? Target { get; init; }

    /// <summary>Spread of the rounds: (max - min) / median.</summary>
    public double Spread => (Max - Min) / Median;

    public static Row From(IScenario scenario, string implementation, string caseName, IReadOnlyList<RunResult> rounds)
    {
        double[] figures = [.. rounds.Select(scenario.Unit.FigureOf)];
        return new Row(scenario.Name, implementation, caseName, scenario.Unit.Name)
        {
            Median = Medians.Of(figures)!.Value,
            Min = figures.Min(),
            Max = figures.Max(),
            Runs = figures.Length,
            AllocatedPerOperation = Medians.Of(rounds.Select(r => (double?)r.AllocatedBytes / r.Operations)),
            WaitedShare = Medians.Of(rounds.Select(r => (double?)r.WaitedNanos / r.ElapsedNanos)),
            P50 = Medians.Of(rounds.Select(r => r.P50)),
            P99 = Medians.Of(rounds.Select(r => r.P99)),
            P999 = Medians.Of(rounds.Select(r => r.P999)),
            Longest = rounds.Max(r => r.Longest),
            PageFaults = rounds.All(r => r.PageFaults is not null) ? rounds.Sum(r => r.PageFaults) : null,
        };
    }
}
