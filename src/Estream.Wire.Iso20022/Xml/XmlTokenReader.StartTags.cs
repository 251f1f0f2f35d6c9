namespace Estream.Wire.Iso20022.Xml;

/// <summary>Reads start tags: checks the syntax, then resolves the names.</summary>
internal ref partial struct XmlTokenReader
{
    private XmlReadStatus ReadStartTag(ReadOnlySpan<byte> rest)
    {
        int nameLength = XmlText.NameLength(rest[1..]);
        int at = 1 + nameLength;
        _state.AttributeCount = 0;
        while (true)
        {
            int blanks = XmlText.BlankLength(rest[at..]);
            at += blanks;
            if (at == rest.Length)
            {
                return NotWhole(rest);
            }

            if (nameLength == 0)
            {
                return Refuse(NoName(rest[1]));
            }

            if (rest[at] == (byte)'>')
            {
                return TakeStart(rest[..(at + 1)], nameLength, isEmpty: false);
            }

            if (rest[at] == (byte)'/')
            {
                return at + 1 == rest.Length ? NotWhole(rest)
                    : rest[at + 1] != (byte)'>' ? Refuse(Iso20022Reason.MalformedMarkup)
                    : TakeStart(rest[..(at + 2)], nameLength, isEmpty: true);
            }

            XmlReadStatus status = blanks == 0 ? Refuse(NoName(rest[at])) : ReadAttribute(rest, ref at);
            if (status != XmlReadStatus.Token)
            {
                return status;
            }
        }
    }

    private readonly XmlReadStatus ReadAttribute(ReadOnlySpan<byte> rest, ref int at)
    {
        int nameStart = at;
        int nameLength = XmlText.NameLength(rest[at..]);
        at += nameLength;
        at += XmlText.BlankLength(rest[at..]);
        if (at == rest.Length)
        {
            return NotWhole(rest);
        }

        if (nameLength == 0 || rest[at] != (byte)'=')
        {
            return Refuse(NoName(rest[at]));
        }

        at++;
        at += XmlText.BlankLength(rest[at..]);
        if (at == rest.Length)
        {
            return NotWhole(rest);
        }

        byte quote = rest[at];
        if (quote is not ((byte)'"' or (byte)'\''))
        {
            return Refuse(Iso20022Reason.MalformedMarkup);
        }

        int valueStart = at + 1;
        int valueLength = rest[valueStart..].IndexOf(quote);
        if (valueLength < 0)
        {
            return NotWhole(rest);
        }

        at = valueStart + valueLength + 1;
        Iso20022Reason reason = AddAttribute(rest, new XmlAttributeSlot(nameStart, nameLength, 0, valueStart, valueLength));
        return reason == Iso20022Reason.None ? XmlReadStatus.Token : Refuse(reason);
    }

    private readonly Iso20022Reason AddAttribute(ReadOnlySpan<byte> tag, XmlAttributeSlot slot)
    {
        ReadOnlySpan<byte> value = tag.Slice(slot.ValueStart, slot.ValueLength);
        if (value.Contains((byte)'<'))
        {
            return Iso20022Reason.MalformedMarkup;
        }

        Iso20022Reason reason = XmlText.Check(value, XmlTextKind.Attribute, out _);
        if (reason != Iso20022Reason.None)
        {
            return reason;
        }

        ReadOnlySpan<byte> name = tag.Slice(slot.NameStart, slot.NameLength);
        reason = CheckName(name, out int prefixLength);
        if (reason != Iso20022Reason.None)
        {
            return reason;
        }

        if (_state.AttributeCount == _state.Attributes.Length)
        {
            return Iso20022Reason.TooManyAttributes;
        }

        for (int before = 0; before < _state.AttributeCount; before++)
        {
            XmlAttributeSlot other = _state.Attributes[before];
            if (name.SequenceEqual(tag.Slice(other.NameStart, other.NameLength)))
            {
                return Iso20022Reason.DuplicateAttribute;
            }
        }

        _state.Attributes[_state.AttributeCount++] = slot with { PrefixLength = prefixLength };
        return Iso20022Reason.None;
    }

    private XmlReadStatus TakeStart(ReadOnlySpan<byte> tag, int nameLength, bool isEmpty)
    {
        ReadOnlySpan<byte> name = tag.Slice(1, nameLength);
        Iso20022Reason reason = Resolve(tag, name, out int prefixLength, out ReadOnlySpan<byte> uri);
        if (reason != Iso20022Reason.None)
        {
            return Refuse(reason);
        }

        XmlReadStatus status = Commit(tag.Length, XmlTokenKind.Start);
        if (status != XmlReadStatus.Token)
        {
            return status;
        }

        _state.Push(name);
        _state.IsEndPending = isEmpty;
        _tag = tag;
        LocalName = LocalPart(name, prefixLength);
        NamespaceUri = uri;
        return XmlReadStatus.Token;
    }

    // Resolves the names of a tag, and checks the limits for the element.
    private readonly Iso20022Reason Resolve(ReadOnlySpan<byte> tag, ReadOnlySpan<byte> name, out int prefixLength,
        out ReadOnlySpan<byte> uri)
    {
        uri = default;
        Iso20022Reason reason = CheckName(name, out prefixLength);
        if (reason != Iso20022Reason.None)
        {
            return reason;
        }

        if (_state.Phase == XmlPhase.Epilog)
        {
            return Iso20022Reason.ContentOutsideRoot;
        }

        reason = _state.CheckPush();
        if (reason == Iso20022Reason.None)
        {
            reason = DeclareNamespaces(tag);
        }

        return reason != Iso20022Reason.None ? reason
            : !_state.Namespaces.TryFind(name[..prefixLength], out uri) ? Iso20022Reason.UndeclaredPrefix
            : CheckPrefixes(tag);
    }

    // Removes the namespace declarations from the attributes.
    private readonly Iso20022Reason DeclareNamespaces(ReadOnlySpan<byte> tag)
    {
        int kept = 0;
        for (int index = 0; index < _state.AttributeCount; index++)
        {
            XmlAttributeSlot slot = _state.Attributes[index];
            ReadOnlySpan<byte> name = tag.Slice(slot.NameStart, slot.NameLength);
            bool isPrefix = name[..slot.PrefixLength].SequenceEqual("xmlns"u8);
            if (!isPrefix && !name.SequenceEqual("xmlns"u8))
            {
                _state.Attributes[kept++] = slot;
                continue;
            }

            Iso20022Reason reason =
                Declare(isPrefix ? LocalPart(name, slot.PrefixLength) : default, tag.Slice(slot.ValueStart, slot.ValueLength));
            if (reason != Iso20022Reason.None)
            {
                return reason;
            }
        }

        _state.AttributeCount = kept;
        return Iso20022Reason.None;
    }

    private readonly Iso20022Reason Declare(ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> rawUri)
    {
        if (!_state.Namespaces.TryBind(prefix, rawUri, _state.Depth + 1, out ReadOnlySpan<byte> uri))
        {
            return Iso20022Reason.TooManyNamespaces;
        }

        // These names are reserved by Namespaces in XML 1.0, and a prefix cannot be undeclared.
        bool isReserved = prefix.SequenceEqual("xmlns"u8)
            || prefix.SequenceEqual("xml"u8) != uri.SequenceEqual(XmlNamespaces.XmlUri)
            || uri.SequenceEqual(XmlNamespaces.DeclarationsUri)
            || (!prefix.IsEmpty && uri.IsEmpty);
        return isReserved ? Iso20022Reason.MalformedMarkup : Iso20022Reason.None;
    }

    // Checks that every attribute prefix is declared, and that no two attributes resolve to the same name.
    private readonly Iso20022Reason CheckPrefixes(ReadOnlySpan<byte> tag)
    {
        for (int index = 0; index < _state.AttributeCount; index++)
        {
            XmlAttributeSlot slot = _state.Attributes[index];
            if (slot.PrefixLength == 0)
            {
                continue;
            }

            if (!_state.Namespaces.TryFind(tag.Slice(slot.NameStart, slot.PrefixLength), out ReadOnlySpan<byte> uri))
            {
                return Iso20022Reason.UndeclaredPrefix;
            }

            ReadOnlySpan<byte> local = LocalPart(tag.Slice(slot.NameStart, slot.NameLength), slot.PrefixLength);
            for (int before = 0; before < index; before++)
            {
                if (IsNamed(tag, _state.Attributes[before], uri, local))
                {
                    return Iso20022Reason.DuplicateAttribute;
                }
            }
        }

        return Iso20022Reason.None;
    }

    private readonly bool IsNamed(ReadOnlySpan<byte> tag, XmlAttributeSlot slot, ReadOnlySpan<byte> uri, ReadOnlySpan<byte> local)
    {
        ReadOnlySpan<byte> name = tag.Slice(slot.NameStart, slot.NameLength);
        return slot.PrefixLength > 0
            && LocalPart(name, slot.PrefixLength).SequenceEqual(local)
            && _state.Namespaces.TryFind(name[..slot.PrefixLength], out ReadOnlySpan<byte> own)
            && own.SequenceEqual(uri);
    }

    private static Iso20022Reason CheckName(ReadOnlySpan<byte> name, out int prefixLength)
    {
        int colon = name.IndexOf((byte)':');
        prefixLength = Math.Max(colon, 0);
        bool isName = colon < 0 ? XmlText.IsLocalName(name) : XmlText.IsLocalName(name[..colon])
            && XmlText.IsLocalName(name[(colon + 1)..]);
        return !isName ? Iso20022Reason.MalformedMarkup
            : name.Length > XmlState.MaxNameBytes ? Iso20022Reason.NameTooLong
            : Iso20022Reason.None;
    }
}
