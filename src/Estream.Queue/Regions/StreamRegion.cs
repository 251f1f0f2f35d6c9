namespace Estream.Queue;

/// <summary>
/// The rules of regions. A region is a lex address such as <c>lex://acme/eu</c>; it contains itself and every address below it, such as
/// <c>lex://acme/eu/de</c>. Messages of a queue that is marked for a region (<see cref="QueueOptions.Region"/>) do not leave the region.
/// </summary>
public static class StreamRegion
{
    /// <summary>The maximum length of a region, in characters.</summary>
    public const int MaxLength = 1_024;

    /// <summary>Whether a text may be a region: 1 to 1,024 printable ASCII characters without spaces, not ending with '/'.</summary>
    /// <param name="region">The text.</param>
    public static bool IsValid(string region)
    {
        ArgumentNullException.ThrowIfNull(region);
        return region.Length is > 0 and <= MaxLength && region[^1] != '/' && region.All(c => c is > ' ' and <= '~');
    }

    /// <summary>Whether a region contains another one.</summary>
    /// <param name="region">The region.</param>
    /// <param name="other">The other region; <see langword="null"/>, an unknown place, is in no region.</param>
    public static bool Contains(string region, string? other)
    {
        ArgumentNullException.ThrowIfNull(region);
        return other is not null && other.StartsWith(region, StringComparison.Ordinal)
            && (other.Length == region.Length || other[region.Length] == '/');
    }
}
