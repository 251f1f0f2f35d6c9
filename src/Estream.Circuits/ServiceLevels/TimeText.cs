namespace Estream.Circuits.ServiceLevels;

/// <summary>Formats a duration for people.</summary>
internal static class TimeText
{
    private static readonly TimeSpan s_longSeconds = TimeSpan.FromMinutes(2);

    public static string Of(TimeSpan time) => time switch
    {
        _ when time < TimeSpan.FromSeconds(1) => FormattableString.Invariant($"{time.TotalMilliseconds:0.###} ms"),
        _ when time < s_longSeconds => FormattableString.Invariant($"{time.TotalSeconds:0.###} s"),
        _ => FormattableString.Invariant($"{time.TotalMinutes:0.#} min"),
    };
}
