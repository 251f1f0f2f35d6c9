namespace Estream.Scenarios.Harness;

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
