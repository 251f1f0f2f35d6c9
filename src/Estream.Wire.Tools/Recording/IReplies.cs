namespace Estream.Wire.Tools.Recording;

/// <summary>What comes back on a connection that is played, beside what came back when it was recorded. Not thread-safe.</summary>
internal interface IReplies
{
    /// <summary>How much had come back by now.</summary>
    long Expected { get; }

    /// <summary>How much has come back.</summary>
    long Received { get; }

    /// <summary>What both are counted in: "bytes".</summary>
    string Unit { get; }

    /// <summary>The first thing that is other than it was recorded; null while nothing is.</summary>
    string? Difference { get; }

    /// <summary>These bytes had come back.</summary>
    void Expect(ReadOnlySpan<byte> bytes);

    /// <summary>These bytes have come back.</summary>
    void Take(ReadOnlySpan<byte> bytes);
}
