namespace Estream.Streams;

/// <summary>
/// The two limits at which a value counts as raised and as cleared. Between them nothing changes (hysteresis), so a value that fluctuates
/// around one limit crosses it once.
/// </summary>
public readonly record struct Threshold
{
    private Threshold(double raise, double clear, bool isBelow)
    {
        Raise = raise;
        Clear = clear;
        IsBelow = isBelow;
    }

    /// <summary>The limit beyond which a value is raised.</summary>
    public double Raise { get; }

    /// <summary>The limit beyond which a value, on the way back, is cleared.</summary>
    public double Clear { get; }

    /// <summary>True if low values are raised instead of high ones.</summary>
    public bool IsBelow { get; }

    /// <summary>Returns a threshold that raises high values.</summary>
    /// <param name="raise">A value above it is raised.</param>
    /// <param name="clearBelow">A value below it is cleared; at most <paramref name="raise"/>.</param>
    /// <exception cref="ArgumentException">A number is not finite, or a value could be both raised and cleared.</exception>
    public static Threshold Above(double raise, double clearBelow) => Of(raise, clearBelow, isBelow: false, nameof(clearBelow));

    /// <summary>Returns a threshold that raises low values.</summary>
    /// <param name="raise">A value below it is raised.</param>
    /// <param name="clearAbove">A value above it is cleared; at least <paramref name="raise"/>.</param>
    /// <exception cref="ArgumentException">A number is not finite, or a value could be both raised and cleared.</exception>
    public static Threshold Below(double raise, double clearAbove) => Of(raise, clearAbove, isBelow: true, nameof(clearAbove));

    /// <summary>Returns the zone of a value.</summary>
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
                $"clear must be at {(isBelow ? "least" : "most")} raise, and both must be finite: raise = {raise}, "
                + $"clear = {clear}.", parameter);
        }

        return new Threshold(raise, clear, isBelow);
    }
}

/// <summary>The zones of a value relative to a threshold.</summary>
internal enum ThresholdZone
{
    /// <summary>The value is NaN and changes nothing.</summary>
    Unknown,

    /// <summary>Beyond neither limit.</summary>
    Between,

    /// <summary>Beyond the limit that raises.</summary>
    Raising,

    /// <summary>Beyond the limit that clears.</summary>
    Clearing,
}
