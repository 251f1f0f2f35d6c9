using System.Globalization;
using Estream.Core;

namespace Estream.Marketplace.Json;

/// <summary>Times in documents: UTC to the second, in one form.</summary>
internal static class JsonTime
{
    /// <summary>The form of RFC 3339 that is written and read.</summary>
    public const string Format = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    public static string Write(DateTimeOffset time) => time.UtcDateTime.ToString(Format, CultureInfo.InvariantCulture);

    /// <summary>What a clock says, to the second below.</summary>
    public static DateTimeOffset Now(IClock clock) => DateTimeOffset.FromUnixTimeSeconds(clock.UtcNanos / 1_000_000_000);
}
