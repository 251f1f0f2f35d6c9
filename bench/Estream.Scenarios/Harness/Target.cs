using System.Globalization;

namespace Estream.Scenarios.Harness;

/// <summary>What an <c>estream</c> row must reach: a ratio to the case's reference, or an absolute rate.</summary>
internal sealed class Target
{
    private readonly double? _maxRatio;
    private readonly double? _minimum;

    private Target(double? maxRatio, double? minimum)
    {
        _maxRatio = maxRatio;
        _minimum = minimum;
    }

    /// <summary>At most <paramref name="ratio"/> times the median of the case's reference.</summary>
    public static Target AtMost(double ratio) => new(ratio, null);

    /// <summary>A median of at least <paramref name="figure"/>, in the scenario's unit.</summary>
    public static Target AtLeast(double figure) => new(null, figure);

    /// <summary>The verdict on a row, as the table prints it. Without its reference row a target is not met.</summary>
    public string Judge(Row row, double? ratio, out bool isMet)
    {
        isMet = _minimum is { } minimum ? row.Median >= minimum : ratio <= _maxRatio;
        string goal = _minimum is { } least
            ? string.Create(CultureInfo.InvariantCulture, $">= {least:N0}")
            : string.Create(CultureInfo.InvariantCulture, $"<= {_maxRatio:0.##} x");
        string verdict = _minimum is null && ratio is null ? "no reference row" : isMet ? "met" : "MISSED";
        return $"{goal}: {verdict}";
    }
}
