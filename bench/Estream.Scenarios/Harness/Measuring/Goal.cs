using System.Globalization;

namespace Estream.Scenarios.Harness;

/// <summary>One figure of a row and its limit.</summary>
internal sealed class Goal
{
    private readonly string _text;
    private readonly Func<Row, double?> _figure;
    private readonly double _limit;
    private readonly bool _isUpperLimit;

    private Goal(string text, Func<Row, double?> figure, double limit, bool isUpperLimit)
    {
        _text = text;
        _figure = figure;
        _limit = limit;
        _isUpperLimit = isUpperLimit;
    }

    /// <summary>Requires a median of at most this many times the median of the case's reference.</summary>
    public static Goal AtMost(double ratio) => new(Text($"<= {ratio:0.##} x"), row => row.Ratio?.Value, ratio, isUpperLimit: true);

    /// <summary>Requires a median of at least this many times the median of the row's reference, for units in which more is better, or
    /// for peers that the product must not be slower than.</summary>
    public static Goal AtLeastTimes(double ratio) => new(Text($">= {ratio:0.##} x"), row => row.Ratio?.Value, ratio, isUpperLimit: false);

    /// <summary>Requires a median at most this many ns above the median of the case's reference, if the unit is a time. The absolute cost
    /// of an added feature does not depend on the reference.</summary>
    public static Goal MoreByAtMost(double nanos) =>
        new(Text($"<= reference + {nanos:N0} ns"), MoreThanReference, nanos, isUpperLimit: true);

    /// <summary>Requires a median of at least this figure, in the scenario's unit.</summary>
    public static Goal AtLeast(double figure) => new(Text($">= {figure:N0}"), row => row.Median, figure, isUpperLimit: false);

    /// <summary>Requires a median of at most this figure, in the scenario's unit.</summary>
    public static Goal Below(double figure) => new(Text($"<= {figure:N0}"), row => row.Median, figure, isUpperLimit: true);

    /// <summary>Requires a 50th percentile of at most this many ns.</summary>
    public static Goal P50Below(double nanos) => new(Text($"p50 <= {nanos:N0}"), row => row.P50, nanos, isUpperLimit: true);

    /// <summary>Requires a 99th percentile of at most this many ns.</summary>
    public static Goal P99Below(double nanos) => new(Text($"p99 <= {nanos:N0}"), row => row.P99, nanos, isUpperLimit: true);

    /// <summary>Requires a 99th percentile of at most this many times the 99th percentile of the case's reference.</summary>
    public static Goal P99AtMostTimes(double ratio) =>
        new(Text($"p99 <= {ratio:0.##} x"), row => row.P99 / row.Ratio?.ReferenceP99, ratio, isUpperLimit: true);

    /// <summary>Requires a 99.9th percentile of at most this many ns.</summary>
    public static Goal P999Below(double nanos) => new(Text($"p99.9 <= {nanos:N0}"), row => row.P999, nanos, isUpperLimit: true);

    /// <summary>Requires that an operation allocates nothing. The one-time allocations of the round itself are too small to show in the
    /// figure.</summary>
    public static Goal NoAllocation { get; } = new("0 B/op", row => row.AllocatedPerOperation, 0.005, isUpperLimit: true);

    /// <summary>Requires that an operation allocates at most this many bytes.</summary>
    public static Goal AllocatedAtMost(double bytes) =>
        new(Text($"<= {bytes:N0} B/op"), row => row.AllocatedPerOperation, bytes, isUpperLimit: true);

    /// <summary>Requires that the measured thread has no page fault in any round.</summary>
    public static Goal NoPageFault { get; } = new("no page fault", row => row.PageFaults, 0, isUpperLimit: true);

    /// <summary>Whether the row meets the goal; null if the row does not have the figure.</summary>
    public bool? IsKeptBy(Row row)
    {
        return _figure(row) is { } figure ? _isUpperLimit ? figure <= _limit : figure >= _limit : null;
    }

    public override string ToString() => _text;

    // Calculates the median of the reference from the ratio, which is the quotient of the two medians.
    private static double? MoreThanReference(Row row) => row.Ratio is { } ratio ? row.Median - (row.Median / ratio.Value) : null;

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
