namespace Estream.Streams;

/// <summary>
/// The two numbers by which a value counts as raised and as cleared. Between them nothing changes (hysteresis), so that a value that wavers
/// around one of them crosses it once.
/// </summary>
public readonly record struct Threshold
{
    private Threshold(double raise, double clear, bool isBelow)
    {
        Raise = raise;
        Clear = clear;
        IsBelow = isBelow;
    }

    /// <summary>What a value passes to be raised.</summary>
    public double Raise { get; }

    /// <summary>What a value passes on its way back to be cleared.</summary>
    public double Clear { get; }

    /// <summary>Whether low values are raised, and not high ones.</summary>
    public bool IsBelow { get; }

    /// <summary>High values are raised.</summary>
    /// <param name="raise">A value above it is raised.</param>
    /// <param name="clearBelow">A value below it is cleared; at most <paramref name="raise"/>.</param>
    /// <exception cref="ArgumentException">A number is not finite, or a value could be both.</exception>
    public static Threshold Above(double raise, double clearBelow) => Of(raise, clearBelow, isBelow: false, nameof(clearBelow));

    /// <summary>Low values are raised.</summary>
    /// <param name="raise">A value below it is raised.</param>
    /// <param name="clearAbove">A value above it is cleared; at least <paramref name="raise"/>.</param>
    /// <exception cref="ArgumentException">A number is not finite, or a value could be both.</exception>
    public static Threshold Below(double raise, double clearAbove) => Of(raise, clearAbove, isBelow: true, nameof(clearAbove));

    /// <summary>Where a value lies.</summary>
    internal ThresholdZone ZoneOf(double value) =>
        double.IsNaN(value) ? ThresholdZone.Unknown
        : IsBelow ? (value < Raise ? ThresholdZone.Raising : value > Clear ? ThresholdZone.Clearing : ThresholdZone.Between)
        : value > Raise ? ThresholdZone.Raising
        : value < Clear ? ThresholdZone.Clearing
        : ThresholdZone.Between;

    private static Threshold Of(double raise, double clear, bool isBelow, string parameter)
    {
        if (!double.IsFinite(raise) || !double.IsFinite(clear) || (isBelow ? clear < raise : clear > raise))
        {
            throw new ArgumentException(
                $"Both numbers are finite, and the one that clears is at {(isBelow ? "least" : "most")} the one that raises: {raise} and "
                + $"{clear} are not.", parameter);
        }

        return new Threshold(raise, clear, isBelow);
    }
}

/// <summary>Where a value lies.</summary>
internal enum ThresholdZone
{
    /// <summary>It is no number, and changes nothing.</summary>
    Unknown,

    /// <summary>Beyond neither of the two numbers.</summary>
    Between,

    /// <summary>Beyond the number that raises.</summary>
    Raising,

    /// <summary>Back behind the number that clears.</summary>
    Clearing,
}
