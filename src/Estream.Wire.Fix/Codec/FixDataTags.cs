namespace Estream.Wire.Fix.Codec;

/// <summary>The fields that hold raw data, and the fields that hold the length of raw data. A value may contain SOH only when a data field
/// directly follows a length field.</summary>
internal sealed class FixDataTags
{
    private const byte Length = 1;
    private const byte Data = 2;

    // The array is indexed by tag, so that the lookup for each field is one load.
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

    /// <summary>An instance without raw data fields.</summary>
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
