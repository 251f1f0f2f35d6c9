namespace Estream.Cli.Output;

/// <summary>Where a message stands and when it was appended (nanoseconds since 1970 UTC).</summary>
internal readonly record struct MessagePlace(long Position, long Sequence, long Time)
{
    private const long NanosPerTick = 100;

    /// <summary>The time for people: UTC with milliseconds.</summary>
    public string TimeText
    {
        get
        {
            DateTime time = DateTime.UnixEpoch.AddTicks(Time / NanosPerTick);
            return time.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture);
        }
    }
}
