using Estream.Wire.OpcUa.Codec;

namespace Estream.Wire.OpcUa.Adapter;

/// <summary>
/// Recognizes a value that a server sends again after a lost connection: equal to the last stored value of its item, with the same status
/// and source timestamp. A value without a source timestamp, or longer than <see cref="MaxBytes"/>, is never recognized. Allocates only for
/// the longest value of an item. Not thread-safe.
/// </summary>
/// <param name="items">The number of items.</param>
internal sealed class RepeatedValues(int items)
{
    /// <summary>The maximum length of a value that is compared.</summary>
    public const int MaxBytes = 256;

    private readonly Entry[] _last = new Entry[items];

    /// <summary>Whether a value is the last stored one of its item.</summary>
    public bool IsRepeated(int item, ReadOnlySpan<byte> encoded)
    {
        UaReader reader = new(encoded);
        DataValueView value = DataValueView.Read(ref reader);
        ref readonly Entry last = ref _last[item];
        return last.SourceTicks != 0 && last.SourceTicks == value.SourceTicks && last.SourcePicoseconds == value.SourcePicoseconds
            && last.Status == value.Status && last.Type == value.Value.Type && last.IsArray == value.Value.IsArray
            && last.Content.SequenceEqual(value.Value.Content) && last.Dimensions.SequenceEqual(value.Value.Dimensions);
    }

    /// <summary>Records that a value is stored.</summary>
    public void Store(int item, ReadOnlySpan<byte> encoded)
    {
        UaReader reader = new(encoded);
        DataValueView value = DataValueView.Read(ref reader);
        ref Entry last = ref _last[item];
        int length = value.Value.Content.Length + value.Value.Dimensions.Length;
        if (value.SourceTicks == 0 || length > MaxBytes)
        {
            last.SourceTicks = 0;
            return;
        }

        if (last.Bytes is null || last.Bytes.Length < length)
        {
            last.Bytes = new byte[length];
        }

        value.Value.Content.CopyTo(last.Bytes);
        value.Value.Dimensions.CopyTo(last.Bytes.AsSpan(value.Value.Content.Length));
        (last.ContentBytes, last.DimensionBytes) = (value.Value.Content.Length, value.Value.Dimensions.Length);
        (last.Type, last.IsArray, last.Status) = (value.Value.Type, value.Value.IsArray, value.Status);
        (last.SourceTicks, last.SourcePicoseconds) = (value.SourceTicks, value.SourcePicoseconds);
    }

    /// <summary>Forgets all values.</summary>
    public void Clear() => Array.Clear(_last);

    private struct Entry
    {
        public byte[]? Bytes;
        public int ContentBytes;
        public int DimensionBytes;
        public long SourceTicks;
        public ushort SourcePicoseconds;
        public UaStatus Status;
        public UaType Type;
        public bool IsArray;

        public readonly ReadOnlySpan<byte> Content => Bytes.AsSpan(0, ContentBytes);

        public readonly ReadOnlySpan<byte> Dimensions => Bytes.AsSpan(ContentBytes, DimensionBytes);
    }
}
