namespace Estream.Wire.Iso20022;

/// <summary>How much of a message is read before it is refused. The defaults take every message of the standard, statements of millions of
/// entries included.</summary>
public sealed record Iso20022Limits
{
    /// <summary>
    /// The longest tag, comment or instruction in bytes; text has to be shorter. As much is held of a message that arrives in pieces, and
    /// no more, however long it is. Default: 64 KiB, more than the longest text of the standard.
    /// </summary>
    public int MaxTokenBytes { get; init; } = 64 * 1024;

    /// <summary>How deep elements may nest. The deepest path of the standard is below 20; supplementary data is what its senders make it.
    /// Default: 64.</summary>
    public int MaxDepth { get; init; } = 64;

    /// <summary>Attributes of one element, declarations of namespaces included. Default: 32.</summary>
    public int MaxAttributes { get; init; } = 32;

    /// <summary>The longest message in bytes. It takes no memory, only time. Default: 16 GiB, some ten million entries of a
    /// statement.</summary>
    public long MaxMessageBytes { get; init; } = 16L << 30;

    /// <summary>Elements of one message. They take no memory, only time. Default: 200 million.</summary>
    public long MaxElements { get; init; } = 200_000_000;

    /// <summary>
    /// The most that is held of a message on its way to ESF, and the most that this has. pacs.008 and pacs.002 are held as the message of
    /// ESF; camt.052 and camt.053, and all that is taken as JSON, as JSON of it, which is twice or three times as long. What of XML has no
    /// place there does not count. Of a statement in parts it is a part that is held. Default: 16 MiB.
    /// </summary>
    public int MaxMappedBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>
    /// How long a part of a statement becomes on its way to ESF, in bytes of JSON of its entries: a statement with more is cut behind the
    /// entry that reaches it. Smaller than <see cref="MaxMappedBytes"/>, which holds for a part with all that it begins with. Default: 1
    /// MiB, some two thousand entries.
    /// </summary>
    public int MaxPartBytes { get; init; } = 1024 * 1024;

    /// <summary>The longest message in JSON in bytes, at most 128 MiB. It is held until it is whole, since its members have no order, and
    /// to know where they stand takes several times as much: twelve times, if it is brackets alone. Default: 16 MiB.</summary>
    public int MaxJsonBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>How much may be wrong with a message before it is given up. Each finding is kept with its path. Default: 64.</summary>
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
