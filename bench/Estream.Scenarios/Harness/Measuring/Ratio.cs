namespace Estream.Scenarios.Harness;

/// <summary>
/// A row divided by its reference: the medians, and the extremes of the quotients round by round. The two took turns, so
/// a round of the one and the same round of the other lie side by side.
/// </summary>
internal sealed record Ratio(string Reference, double Value, double Min, double Max)
{
    /// <summary>Whether the reference's figures are more the machine's than the code's.</summary>
    public bool IsReferenceDisturbed { get; init; }

    /// <summary>The reference's 99th percentile, in ns, where single operations were timed.</summary>
    public double? ReferenceP99 { get; init; }

    /// <param name="reference">The implementation divided by.</param>
    /// <param name="mine">The figure of each round.</param>
    /// <param name="others">The same of the reference.</param>
    public static Ratio Of(string reference, IReadOnlyList<double> mine, IReadOnlyList<double> others)
    {
        double[] quotients = [.. mine.Zip(others, (dividend, divisor) => dividend / divisor)];
        return new Ratio(reference, Medians.Of(mine)!.Value / Medians.Of(others)!.Value, quotients.Min(), quotients.Max());
    }
}

/// <summary>The figure in the middle.</summary>
internal static class Medians
{
    /// <summary>The median; null of nothing.</summary>
    public static double? Of(IEnumerable<double> figures)
    {
        double[] sorted = [.. figures.Order()];
        if (sorted.Length == 0)
        {
            return null;
        }

        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /// <summary>The median of those that are there.</summary>
    public static double? Of(IEnumerable<double?> figures) => Of(figures.OfType<double>());
}
