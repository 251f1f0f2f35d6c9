namespace Estream.Wire.Tools.Recording;

/// <summary>Replies of any protocol, counted in bytes and compared byte by byte.</summary>
/// <param name="compares">Whether to compare the replies, or only count their bytes.</param>
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

    /// <summary>Compares the bytes that both sides have.</summary>
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
                Difference = $"reply byte {_compared + index}: received 0x{_came[index]:X2}, expected 0x{_recorded[index]:X2}";
            }
        }

        _recorded.RemoveRange(0, both);
        _came.RemoveRange(0, both);
        _compared += both;
    }
}

/// <summary>The replies on a replayed connection and the replies in the recording. Not thread-safe.</summary>
internal interface IReplies
{
    /// <summary>The amount of recorded replies so far.</summary>
    long Expected { get; }

    /// <summary>The amount of received replies.</summary>
    long Received { get; }

    /// <summary>The unit of <see cref="Expected"/> and <see cref="Received"/>, such as "bytes".</summary>
    string Unit { get; }

    /// <summary>The first difference; null for none.</summary>
    string? Difference { get; }

    /// <summary>Adds recorded bytes.</summary>
    void Expect(ReadOnlySpan<byte> bytes);

    /// <summary>Adds received bytes.</summary>
    void Take(ReadOnlySpan<byte> bytes);
}
