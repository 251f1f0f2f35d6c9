namespace Estream.Wire.Iso20022.Xml;

/// <summary>
/// Cuts XML 1.0 in UTF-8 into tokens, with their names resolved and nothing copied. It never throws on bytes, expands nothing, and reads no
/// document type declaration.
/// </summary>
/// <remarks>
/// Over one piece of a document at a time; what lies between pieces is in the <see cref="XmlState"/>. A token is handed out once it is
/// whole, and nothing is said of bytes that those behind them could change: the same document gives the same tokens and the same fault
/// wherever it was cut. So bytes from <see cref="Consumed"/> on are to be offered again, with those behind them; there are never more than
/// <see cref="Iso20022Limits.MaxTokenBytes"/> of them that are waiting.
/// </remarks>
internal ref partial struct XmlTokenReader
{
    private readonly ReadOnlySpan<byte> _data;
    private readonly bool _isLast;
    private readonly XmlState _state;
    private ReadOnlySpan<byte> _tag;

    // In the piece: where the tag behind the white space begins, with its first eight bytes.
    private int _ahead;
    private ulong _first;

    // In the piece: where the end tag of what was seen begins, and where that ends.
    private int _lastTag;
    private int _seen;

    /// <summary>Creates the reader of a piece.</summary>
    /// <param name="data">The piece: what was not consumed of the one before, and what has come since.</param>
    /// <param name="isLast">Whether nothing comes behind it.</param>
    /// <param name="state">Of the document.</param>
    public XmlTokenReader(ReadOnlySpan<byte> data, bool isLast, XmlState state)
    {
        _data = data;
        _isLast = isLast;
        _state = state;
    }

    /// <summary>How much of the piece is done.</summary>
    public int Consumed { get; private set; }

    /// <summary>What the token is.</summary>
    public XmlTokenKind Kind { get; private set; }

    /// <summary>How many bytes of the document stand before the token.</summary>
    public long Position { get; private set; }

    /// <summary>Of a start: the name without its prefix. Valid until the next token is read, as all views are.</summary>
    public ReadOnlySpan<byte> LocalName { get; private set; }

    /// <summary>Of a start: the namespace; empty for none.</summary>
    public ReadOnlySpan<byte> NamespaceUri { get; private set; }

    /// <summary>Of a start: how many attributes it has, without those that declare namespaces.</summary>
    public readonly int AttributeCount => _state.AttributeCount;

    /// <summary>Of text: the text as it is written.</summary>
    public ReadOnlySpan<byte> Raw { get; private set; }

    /// <summary>Of text: where it stands. <see cref="XmlText.Decode"/> asks for it.</summary>
    public XmlTextKind TextKind { get; private set; }

    /// <summary>Of text: whether it means what it says, so that it need not be decoded.</summary>
    public bool IsPlain { get; private set; }

    /// <summary>Of the attribute that was seen: its value, which means what it says.</summary>
    public ReadOnlySpan<byte> SeenValue { get; private set; }

    /// <summary>What is wrong with the document.</summary>
    public readonly Iso20022Fault Fault => _state.Fault;

    /// <summary>Of a start: an attribute.</summary>
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

    /// <summary>Looks for the next token.</summary>
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

        // What is passed over has a byte or more, so this ends.
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
            // Nothing is looked at that a shorter piece could not have: what is not whole in here is too long.
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

        // Marks of UTF-16 and UTF-32.
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

    /// <summary>A comment, a CDATA section, or what is refused at its first bytes.</summary>
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
            // White space is passed in pieces, so it is the limit that says where, not the piece.
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
