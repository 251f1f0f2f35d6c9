namespace Estream.Wire.Tools.Recording;

/// <summary>Replies of any protocol: counted in bytes, and each byte is as it was.</summary>
/// <param name="compares">Whether they are compared, and not only counted.</param>
internal sealed class ByteReplies(bool compares) : IReplies
{
    private readonly List<byte> _recorded = [];
    private readonly List<byte> _came = [];
    private long _compared;

    public long Expected { get; private set; }

    public long Received { get; private set; }

    public string Unit => "bytes";

    public string? Difference { get; private set; }

    public void Expect(ReadOnlySpan<byte> bytes)
    {
        Expected += bytes.Length;
        Keep(_recorded, bytes);
    }

    public void Take(ReadOnlySpan<byte> bytes)
    {
        Received += bytes.Length;
        Keep(_came, bytes);
    }

    /// <summary>Compares as far as both sides are known.</summary>
    private void Keep(List<byte> side, ReadOnlySpan<byte> bytes)
    {
        if (!compares)
        {
            return;
        }

        side.AddRange(bytes);
        int both = Math.Min(_recorded.Count, _came.Count);
        for (int index = 0; index < both && Difference is null; index++)
        {
            if (_recorded[index] != _came[index])
            {
                Difference = $"byte {_compared + index} that came back is 0x{_came[index]:X2}, and was 0x{_recorded[index]:X2}";
            }
        }

        _recorded.RemoveRange(0, both);
        _came.RemoveRange(0, both);
        _compared += both;
    }
}

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
