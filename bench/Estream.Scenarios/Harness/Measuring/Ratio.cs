namespace Estream.Scenarios.Harness;

/// <summary>
/// A row divided by its reference: the medians, and the extremes of the quotients round by round. The row and its reference took turns, so
/// a round of the row and the same round of the reference are close in time.
/// </summary>
internal sealed record Ratio(string Reference, double Value, double Min, double Max)
{
    /// <summary>Whether the load of the machine affected the reference's figures more than the code did.</summary>
    public bool IsReferenceDisturbed { get; init; }

    /// <summary>The reference's 99th percentile, in ns, if single operations were timed.</summary>
    public double? ReferenceP99 { get; init; }

    /// <param name="reference">The implementation to divide by.</param>
    /// <param name="mine">The figure of each round.</param>
    /// <param name="others">The figure of each round of the reference.</param>
    public static Ratio Of(string reference, IReadOnlyList<double> mine, IReadOnlyList<double> others)
    {
        double[] quotients = [.. mine.Zip(others, (dividend, divisor) => dividend / divisor)];
        return new Ratio(reference, Medians.Of(mine)!.Value / Medians.Of(others)!.Value, quotients.Min(), quotients.Max());
    }
}

/// <summary>Calculates medians.</summary>
internal static class Medians
{
    /// <summary>Returns the median; null for an empty sequence.</summary>
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

    /// <summary>Returns the median of the figures that are not null.</summary>
    public static double? Of(IEnumerable<double?> figures) => Of(figures.OfType<double>());
}
