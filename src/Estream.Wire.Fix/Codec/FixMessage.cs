using Estream.Wire.Fix.Codec;

namespace Estream.Wire.Fix;

/// <summary>A message as received. A view, valid only during the call that passes it.</summary>
public readonly ref struct FixMessage
{
    private const int MsgTypePlace = 2;

    private readonly FixFieldIndex _index;

    internal FixMessage(ReadOnlySpan<byte> bytes, FixFieldIndex index)
    {
        Bytes = bytes;
        _index = index;
    }

    /// <summary>All bytes, from BeginString to CheckSum.</summary>
    public ReadOnlySpan<byte> Bytes { get; }

    /// <summary>MsgType (35): "D" for a new order. Empty if the message has no MsgType.</summary>
    public ReadOnlySpan<byte> MsgType => At(MsgTypePlace, Codec.Tag.MsgType);

    /// <summary>BeginString (8), the version. Empty if the message does not start with it.</summary>
    internal ReadOnlySpan<byte> BeginString => At(0, Codec.Tag.BeginString);

    /// <summary>All fields, including header and trailer.</summary>
    public FixFields Fields => new(Bytes, _index, 0, _index is null ? 0 : _index.Count);

    internal FixFieldIndex Index => _index;

    // Gets a field that has the same index in every message.
    private ReadOnlySpan<byte> At(int place, int tag)
    {
        FieldValue value = _index is null ? default : _index.ValueAt(place, tag);
        return Bytes.Slice(value.Start, value.Length);
    }
}
