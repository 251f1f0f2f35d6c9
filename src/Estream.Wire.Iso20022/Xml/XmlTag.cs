using System.Buffers.Binary;

namespace Estream.Wire.Iso20022.Xml;

/// <summary>The tags of an element as nearly everybody writes them, without prefix, attributes and white space: bytes to compare with those that come. Immutable.</summary>
internal sealed class XmlTag
{
    // With these no tag is longer than the shortest limit of a token.
    private const int MaxNameBytes = 128;

    private readonly ulong _head;
    private readonly ulong _headMask;

    public XmlTag(ReadOnlySpan<byte> name)
    {
        Start = [(byte)'<', .. name];
        End = [(byte)'<', (byte)'/', .. name, (byte)'>'];

        // A name that no document can have is never found.
        bool isName = name.Length <= MaxNameBytes && XmlText.IsLocalName(name) && XmlText.NameLength(name) == name.Length;
        _headMask = !isName ? 0 : Start.Length >= sizeof(ulong) ? ulong.MaxValue : (1UL << (8 * Start.Length)) - 1;
        _head = isName ? FirstEight(Start) : ulong.MaxValue;
    }

    /// <summary>The start tag, up to the end of the name.</summary>
    public byte[] Start { get; }

    /// <summary>The end tag.</summary>
    public byte[] End { get; }

    /// <summary>The name.</summary>
    public ReadOnlySpan<byte> Name => Start.AsSpan(1);

    /// <summary>Whether the eight bytes from a start tag on can be of this element.</summary>
    public bool MayBegin(ulong first) => (first & _headMask) == _head;

    private static ulong FirstEight(ReadOnlySpan<byte> start)
    {
        Span<byte> first = stackalloc byte[sizeof(ulong)];
        first.Clear();
        start[..Math.Min(start.Length, first.Length)].CopyTo(first);
        return BinaryPrimitives.ReadUInt64LittleEndian(first);
    }
}
