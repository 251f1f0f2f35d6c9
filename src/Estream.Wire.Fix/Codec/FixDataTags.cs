namespace Estream.Wire.Fix.Codec;

/// <summary>Which fields hold raw data, and which the length of it: only with both in a row may a value contain SOH.</summary>
internal sealed class FixDataTags
{
    private const byte Length = 1;
    private const byte Data = 2;

    // By tag; a lookup per field has to cost next to nothing.
    private readonly byte[] _kinds;

    /// <param name="lengths">The fields of type LENGTH.</param>
    /// <param name="data">The fields of type DATA and XMLDATA.</param>
    public FixDataTags(IEnumerable<int> lengths, IEnumerable<int> data)
    {
        int[] lengthTags = [.. lengths];
        int[] dataTags = [.. data];
        _kinds = new byte[lengthTags.Concat(dataTags).DefaultIfEmpty().Max() + 1];
        Array.ForEach(lengthTags, tag => _kinds[tag] = Length);
        Array.ForEach(dataTags, tag => _kinds[tag] = Data);
    }

    /// <summary>No field holds raw data.</summary>
    public static FixDataTags None { get; } = new([], []);

    public bool IsLength(int tag)
    {
        return Kind(tag) == Length;
    }

    public bool IsData(int tag)
    {
        return Kind(tag) == Data;
    }

    private byte Kind(int tag)
    {
        return (uint)tag < (uint)_kinds.Length ? _kinds[tag] : (byte)0;
    }
}
