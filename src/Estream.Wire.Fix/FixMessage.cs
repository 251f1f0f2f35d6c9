using Estream.Wire.Fix.Codec;

namespace Estream.Wire.Fix;

/// <summary>A message as it came: a view, valid only during the call that hands it over.</summary>
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

    /// <summary>MsgType (35): "D" for a new order. Empty in a message that has none.</summary>
    public ReadOnlySpan<byte> MsgType =>
        Fields.Count > MsgTypePlace && Fields[MsgTypePlace].Tag == Codec.Tag.MsgType ? Fields[MsgTypePlace].Value : default;

    /// <summary>All fields, those of header and trailer included.</summary>
    public FixFields Fields => new(Bytes, _index, 0, _index is null ? 0 : _index.Count);

    internal FixFieldIndex Index => _index;
}
