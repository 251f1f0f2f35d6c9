namespace Estream.Wire.Hl7.Codec;

/// <summary>The limits of a message. Immutable.</summary>
public sealed record Hl7Limits
{
    /// <summary>The default limits.</summary>
    public static Hl7Limits Default { get; } = new();

    /// <summary>The maximum length of a message in bytes, without framing. Default: 4 MiB.</summary>
    public int MaxMessageBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>The maximum number of segments. Default: 10,000.</summary>
    public int MaxSegments { get; init; } = 10_000;

    /// <summary>The maximum number of fields of all segments, names included. Default: 500,000.</summary>
    public int MaxFields { get; init; } = 500_000;
}
