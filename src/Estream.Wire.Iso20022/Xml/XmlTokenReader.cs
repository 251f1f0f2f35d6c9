namespace Estream.Wire.Iso20022.Xml;

/// <summary>
/// Splits UTF-8 XML 1.0 into tokens with resolved names, without copying. It never throws because of its input, expands no entities, and
/// rejects document type declarations.
/// </summary>
/// <remarks>
/// It reads one piece of a document at a time; the state between pieces is in the <see cref="XmlState"/>. A token is returned when it is
/// complete, and no decision depends on bytes that are still to come: the same document gives the same tokens and the same fault however it
/// is split into pieces. Therefore bytes from <see cref="Consumed"/> on must be passed again, followed by further bytes; at most
/// <see cref="Iso20022Limits.MaxTokenBytes"/> bytes are pending.
/// </remarks>
internal ref partial struct XmlTokenReader
{
    private readonly ReadOnlySpan<byte> _data;
    private readonly bool _isLast;
    private readonly XmlState _state;
    private ReadOnlySpan<byte> _tag;

    // In the piece: the offset of the next tag after white space, and the first eight bytes of the tag.
    private int _ahead;
    private ulong _first;

    // In the piece: the offset of the end tag of the checked element, and the end of that tag.
    private int _lastTag;
    private int _seen;

    /// <summary>Creates a reader for a piece.</summary>
    /// <param name="data">The piece: the bytes not consumed before, followed by new bytes.</param>
    /// <param name="isLast">Whether no more bytes follow.</param>
    /// <param name="state">The state of the document.</param>
    public XmlTokenReader(ReadOnlySpan<byte> data, bool isLast, XmlState state)
    {
        _data = data;
        _isLast = isLast;
        _state = state;
    }

    /// <summary>The number of bytes of the piece that are consumed.</summary>
    public int Consumed { get; private set; }

    /// <summary>The kind of token.</summary>
    public XmlTokenKind Kind { get; private set; }

    /// <summary>The offset of the token in the document, in bytes.</summary>
    public long Position { get; private set; }

    /// <summary>For a start: the local name. Like all spans, valid until the next token is read.</summary>
    public ReadOnlySpan<byte> LocalName { get; private set; }

    /// <summary>For a start: the namespace; empty for none.</summary>
    public ReadOnlySpan<byte> NamespaceUri { get; private set; }

    /// <summary>For a start: the number of attributes, without namespace declarations.</summary>
    public readonly int AttributeCount => _state.AttributeCount;

    /// <summary>For text: the text as written.</summary>
    public ReadOnlySpan<byte> Raw { get; private set; }

    /// <summary>For text: its context, as needed by <see cref="XmlText.Decode"/>.</summary>
    public XmlTextKind TextKind { get; private set; }

    /// <summary>For text: whether it needs no decoding.</summary>
    public bool IsPlain { get; private set; }

    /// <summary>The value of the checked attribute, which needs no decoding.</summary>
    public ReadOnlySpan<byte> SeenValue { get; private set; }

    /// <summary>The error in the document.</summary>
    public readonly Iso20022Fault Fault => _state.Fault;

    /// <summary>For a start: returns an attribute.</summary>
    /// <param name="index">From 0; below <see cref="AttributeCount"/>.</param>
    public readonly XmlAttribute Attribute(int index)
    {
        XmlAttributeSlot slot = _state.Attributes[index];
        ReadOnlySpan<byte> name = _tag.Slice(slot.NameStart, slot.NameLength);
        ReadOnlySpan<byte> uri = default;
        if (slot.PrefixLength > 0)
        {
            _state.Namespaces.TryFind(name[..slot.PrefixLength], out uri);
        }

        return new XmlAttribute(uri, LocalPart(name, slot.PrefixLength), _tag.Slice(slot.ValueStart, slot.ValueLength));
    }

    /// <summary>Reads the next token.</summary>
    public XmlReadStatus Read()
    {
        Kind = XmlTokenKind.None;
        if (_state.Fault.IsFault)
        {
            return XmlReadStatus.Refused;
        }

        if (_state.IsEndPending)
        {
            _state.IsEndPending = false;
            _state.Pop();
            Position = _state.Position;
            Kind = XmlTokenKind.End;
            return XmlReadStatus.Token;
        }

        // Skips comments and the like. Terminates, since each of them has at least one byte.
        XmlReadStatus status;
        do
        {
            status = ReadOne();
        }
        while (status == XmlReadStatus.Token && Kind == XmlTokenKind.None);
        return status;
    }

    private XmlReadStatus ReadOne()
    {
        ReadOnlySpan<byte> rest = _data[Consumed..];
        if (rest.Length > _state.Limits.MaxTokenBytes)
        {
            // Looks at no more than the token limit. A token that is incomplete within the limit is too long, however long the piece is.
            rest = rest[.._state.Limits.MaxTokenBytes];
        }

        Position = _state.Position;
        if (_state.Phase == XmlPhase.Start)
        {
            return ReadByteOrderMark(rest);
        }

        if (rest.IsEmpty)
        {
            return !_isLast ? XmlReadStatus.NeedMore
                : _state.Phase == XmlPhase.Epilog ? XmlReadStatus.End
                : Refuse(Iso20022Reason.UnexpectedEnd);
        }

        if (rest[0] == (byte)'<')
        {
            return ReadMarkup(rest);
        }

        return _state.Depth == 0 ? PassBlanks(rest) : ReadText(rest);
    }

    private XmlReadStatus ReadByteOrderMark(ReadOnlySpan<byte> rest)
    {
        ReadOnlySpan<byte> mark = [0xEF, 0xBB, 0xBF];
        if (rest.Length < mark.Length && mark.StartsWith(rest) && !_isLast)
        {
            return XmlReadStatus.NeedMore;
        }

        // Byte order marks of UTF-16 and UTF-32.
        if (!rest.IsEmpty && rest[0] is 0xFE or 0xFF or 0x00)
        {
            return Refuse(Iso20022Reason.UnsupportedEncoding);
        }

        XmlReadStatus status = rest.StartsWith(mark) ? Commit(mark.Length) : XmlReadStatus.Token;
        _state.Phase = XmlPhase.Declaration;
        return status;
    }

    private XmlReadStatus PassBlanks(ReadOnlySpan<byte> rest)
    {
        int length = rest.IndexOfAnyExcept(XmlText.Blanks);
        return length == 0 ? Refuse(Iso20022Reason.ContentOutsideRoot) : Commit(length < 0 ? rest.Length : length);
    }

    private XmlReadStatus ReadText(ReadOnlySpan<byte> rest)
    {
        int length = rest.IndexOf((byte)'<');
        return length < 0 ? NotWhole(rest) : TakeText(rest[..length], length, XmlTextKind.Text);
    }

    private XmlReadStatus TakeText(ReadOnlySpan<byte> raw, int length, XmlTextKind kind)
    {
        Iso20022Reason reason = XmlText.Check(raw, kind, out bool isPlain);
        if (reason != Iso20022Reason.None)
        {
            return Refuse(reason);
        }

        Raw = raw;
        TextKind = kind;
        IsPlain = isPlain;
        return Commit(length, XmlTokenKind.Text);
    }

    private XmlReadStatus ReadMarkup(ReadOnlySpan<byte> rest)
    {
        if (rest.Length == 1)
        {
            return NotWhole(rest);
        }

        return rest[1] switch
        {
            (byte)'/' => ReadEndTag(rest),
            (byte)'?' => PassInstruction(rest),
            (byte)'!' => ReadSection(rest),
            _ => ReadStartTag(rest),
        };
    }

    private XmlReadStatus ReadEndTag(ReadOnlySpan<byte> rest)
    {
        int length = XmlText.NameLength(rest[2..]);
        int at = 2 + length;
        at += XmlText.BlankLength(rest[at..]);
        if (at == rest.Length)
        {
            return NotWhole(rest);
        }

        if (rest[at] != (byte)'>')
        {
            return Refuse(NoName(rest[at]));
        }

        if (_state.Depth == 0 || !rest.Slice(2, length).SequenceEqual(_state.OpenName))
        {
            return Refuse(Iso20022Reason.MismatchedEndTag);
        }

        XmlReadStatus status = Commit(at + 1, XmlTokenKind.End);
        if (status == XmlReadStatus.Token)
        {
            _state.Pop();
        }

        return status;
    }

    /// <summary>Reads a comment or a CDATA section; rejects anything else at its first bytes.</summary>
    private XmlReadStatus ReadSection(ReadOnlySpan<byte> rest)
    {
        ReadOnlySpan<byte> comment = "<!--"u8;
        ReadOnlySpan<byte> data = "<![CDATA["u8;
        if (rest.StartsWith(comment))
        {
            return PassComment(rest);
        }

        if (rest.StartsWith(data))
        {
            int length = rest[data.Length..].IndexOf("]]>"u8);
            return length < 0 ? NotWhole(rest)
                : _state.Depth == 0 ? Refuse(Iso20022Reason.ContentOutsideRoot)
                : TakeText(rest.Slice(data.Length, length), data.Length + length + 3, XmlTextKind.CData);
        }

        if (comment.StartsWith(rest) || data.StartsWith(rest))
        {
            return NotWhole(rest);
        }

        return Refuse(rest[2] == (byte)'D' ? Iso20022Reason.DtdNotAllowed : Iso20022Reason.MalformedMarkup);
    }

    private XmlReadStatus PassComment(ReadOnlySpan<byte> rest)
    {
        int length = rest[4..].IndexOf("--"u8);
        if (length < 0 || 4 + length + 2 == rest.Length)
        {
            return NotWhole(rest);
        }

        if (rest[4 + length + 2] != (byte)'>')
        {
            return Refuse(Iso20022Reason.MalformedMarkup);
        }

        Iso20022Reason reason = XmlText.Check(rest.Slice(4, length), XmlTextKind.CData, out _);
        return reason == Iso20022Reason.None ? Commit(4 + length + 3) : Refuse(reason);
    }

    private XmlReadStatus PassInstruction(ReadOnlySpan<byte> rest)
    {
        int length = rest[2..].IndexOf("?>"u8);
        if (length < 0)
        {
            return NotWhole(rest);
        }

        ReadOnlySpan<byte> content = rest.Slice(2, length);
        ReadOnlySpan<byte> target = content[..XmlText.NameLength(content)];
        ReadOnlySpan<byte> text = content[target.Length..];
        Iso20022Reason reason = !XmlText.IsLocalName(target) ? NoName(content.IsEmpty ? (byte)'?' : content[0])
            : !text.IsEmpty && XmlText.BlankLength(text) == 0 ? NoName(text[0])
            : target.SequenceEqual("xml"u8) && _state.Phase == XmlPhase.Declaration ? XmlDeclaration.Check(text)
            : System.Text.Ascii.EqualsIgnoreCase(target, "xml"u8) ? Iso20022Reason.MalformedMarkup
            : XmlText.Check(text, XmlTextKind.CData, out _);
        return reason == Iso20022Reason.None ? Commit(length + 4) : Refuse(reason);
    }

    private readonly XmlReadStatus NotWhole(ReadOnlySpan<byte> rest)
    {
        return rest.Length == _state.Limits.MaxTokenBytes ? Refuse(Iso20022Reason.TokenTooLong)
            : _isLast ? Refuse(Iso20022Reason.UnexpectedEnd)
            : XmlReadStatus.NeedMore;
    }

    private XmlReadStatus Commit(int length, XmlTokenKind kind = XmlTokenKind.None)
    {
        if (_state.Position + length > _state.Limits.MaxMessageBytes)
        {
            // White space is consumed in pieces, so the position of the fault is the limit itself and does not depend on the pieces.
            _state.Fault = new Iso20022Fault(Iso20022Reason.MessageTooLong, _state.Limits.MaxMessageBytes);
            return XmlReadStatus.Refused;
        }

        Consumed += length;
        _state.Position += length;
        Kind = kind;
        if (_state.Phase == XmlPhase.Declaration)
        {
            _state.Phase = XmlPhase.Prolog;
        }

        return XmlReadStatus.Token;
    }

    private readonly XmlReadStatus Refuse(Iso20022Reason reason)
    {
        _state.Fault = new Iso20022Fault(reason, _state.Position);
        return XmlReadStatus.Refused;
    }

    private static Iso20022Reason NoName(byte at) => at >= 0x80 ? Iso20022Reason.UnsupportedName : Iso20022Reason.MalformedMarkup;

    private static ReadOnlySpan<byte> LocalPart(ReadOnlySpan<byte> name, int prefixLength) => prefixLength == 0
        ? name
        : name[(prefixLength + 1)..];
}
