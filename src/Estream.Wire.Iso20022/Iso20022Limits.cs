namespace Estream.Wire.Iso20022;

/// <summary>Limits on messages; a message that exceeds a limit is rejected. The defaults accept every message of the standard, including
/// statements with millions of entries.</summary>
public sealed record Iso20022Limits
{
    /// <summary>
    /// The maximum length of a tag, comment or instruction in bytes; text must be shorter. For a message that arrives in pieces, this is
    /// also the maximum number of bytes that are buffered, however long the message is. Default: 64 KiB, more than the longest text of the
    /// standard.
    /// </summary>
    public int MaxTokenBytes { get; init; } = 64 * 1024;

    /// <summary>The maximum nesting depth of elements. The deepest path of the standard has fewer than 20 levels; the depth of
    /// supplementary data is up to its sender. Default: 64.</summary>
    public int MaxDepth { get; init; } = 64;

    /// <summary>The maximum number of attributes of an element, including namespace declarations. Default: 32.</summary>
    public int MaxAttributes { get; init; } = 32;

    /// <summary>The maximum length of a message in bytes. This limit affects time, not memory. Default: 16 GiB, some ten million entries of
    /// a statement.</summary>
    public long MaxMessageBytes { get; init; } = 16L << 30;

    /// <summary>The maximum number of elements of a message. This limit affects time, not memory. Default: 200 million.</summary>
    public long MaxElements { get; init; } = 200_000_000;

    /// <summary>
    /// The maximum number of bytes buffered while a message is converted to ESF, and the maximum length of the result. pacs.008 and
    /// pacs.002 are buffered as the ESF message; camt.052, camt.053 and all JSON input are buffered as JSON of the ESF message, which is
    /// two or three times as long. XML elements without a counterpart in ESF do not count. Of a statement in parts, one part is buffered.
    /// Default: 16 MiB.
    /// </summary>
    public int MaxMappedBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>
    /// The length at which a statement is split, in bytes of JSON of its entries: a part ends after the entry that reaches this length. Set
    /// it smaller than <see cref="MaxMappedBytes"/>, which limits a part including the fields before its entries. Default: 1 MiB, some two
    /// thousand entries.
    /// </summary>
    public int MaxPartBytes { get; init; } = 1024 * 1024;

    /// <summary>The maximum length of a JSON message in bytes, at most 128 MiB. A JSON message is buffered completely, since its members
    /// have no order. Parsing takes several times as much memory: up to twelve times, for a message that consists of brackets. Default: 16
    /// MiB.</summary>
    public int MaxJsonBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>The maximum number of findings before checking stops. Each finding is kept with its path. Default: 64.</summary>
    public int MaxFindings { get; init; } = 64;

    internal void Validate()
    {
        Range(nameof(MaxTokenBytes), MaxTokenBytes, 256, 16 * 1024 * 1024);
        Range(nameof(MaxDepth), MaxDepth, 1, 1_024);
        Range(nameof(MaxAttributes), MaxAttributes, 1, 256);
        Range(nameof(MaxMessageBytes), MaxMessageBytes, 1, long.MaxValue / 2);
        Range(nameof(MaxElements), MaxElements, 1, long.MaxValue / 2);
        Range(nameof(MaxMappedBytes), MaxMappedBytes, 1_024, 1 << 30);
        Range(nameof(MaxPartBytes), MaxPartBytes, 1_024, 1 << 30);
        Range(nameof(MaxJsonBytes), MaxJsonBytes, 1_024, 1 << 27);
        Range(nameof(MaxFindings), MaxFindings, 1, 100_000);
    }

    private static void Range(string key, long value, long min, long max)
    {
        if (value < min || value > max)
        {
            throw new WireConfigurationException(key, $"{value} is not accepted; write a whole number from {min} to {max}.");
        }
    }
}
