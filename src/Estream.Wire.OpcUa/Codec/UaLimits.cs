namespace Estream.Wire.OpcUa;

/// <summary>The limits for received data. A message that exceeds a limit is refused.</summary>
internal static class UaLimits
{
    /// <summary>The maximum length of a chunk in bytes. Part 6, 7.1.2.3 requires at least 8,192.</summary>
    public const int MaxChunkBytes = 65_536;

    /// <summary>The maximum length of a message in bytes, without headers of chunks.</summary>
    public const int MaxMessageBytes = 16 << 20;

    /// <summary>The maximum number of chunks of a message.</summary>
    public const int MaxChunks = 4_096;

    /// <summary>The maximum depth of nested values. Part 6, 5.1.5 requires at least 100.</summary>
    public const int MaxDepth = 100;

    /// <summary>The maximum length of a text in a header: a URL, a policy or a reason. Part 6, 7.1.2.3.</summary>
    public const int MaxHeaderTextBytes = 4_096;

    /// <summary>The maximum length of a certificate with its chain in bytes.</summary>
    public const int MaxCertificateBytes = 32_768;
}
