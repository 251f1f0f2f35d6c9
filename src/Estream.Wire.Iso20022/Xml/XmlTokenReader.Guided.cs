using System.Buffers.Binary;

namespace Estream.Wire.Iso20022.Xml;

/// <summary>
/// Fast path for expected elements: takes white space, tags in their usual form, and text in one step. The result equals the result of
/// <see cref="Read"/>, token by token, for the same bytes. Everything else, including errors and incomplete input, is left to
/// <see cref="Read"/>.
/// </summary>
internal ref partial struct XmlTokenReader
{
    /// <summary>Whether an element is open and no end token or fault is pending.</summary>
    public readonly bool IsInElement => _state.Depth > 0 && !_state.IsEndPending && !_state.Fault.IsFault;

    /// <summary>Whether the next tag is an end tag.</summary>
    public readonly bool IsEndAhead => (byte)(_first >> 8) == (byte)'/';

    /// <summary>Whether this is the default namespace.</summary>
    public readonly bool IsDefaultNamespace(ReadOnlySpan<byte> uri) => _state.Namespaces.TryFind(default, out ReadOnlySpan<byte> own)
        && own.SequenceEqual(uri);

    /// <summary>Looks for a tag after white space, without taking anything.</summary>
    public bool TryLook()
    {
        ReadOnlySpan<byte> rest = _data[Consumed..];
        int blanks = !rest.IsEmpty && rest[0] == (byte)'<' ? 0 : XmlText.BlankLength(rest);
        if (blanks >= _state.Limits.MaxTokenBytes || rest.Length - blanks < sizeof(ulong) || rest[blanks] != (byte)'<')
        {
            return false;
        }

        _ahead = Consumed + blanks;
        _first = BinaryPrimitives.ReadUInt64LittleEndian(rest[blanks..]);
        return true;
    }

    /// <summary>Whether the next tag is the start tag of an element, given its beginning.</summary>
    public readonly bool IsAhead(in TagBytes start) => start.MayBegin(_first) && IsNamed(in start);

    /// <summary>Takes the next tag if it is the end tag of the open element and no namespace scope ends with it.</summary>
    /// <param name="tag">The open element, by its name without a prefix.</param>
    public bool TryTakeEnd(XmlTag tag)
    {
        bool isIt = _state.IsOpen(tag) && tag.End.Length <= _state.Limits.MaxTokenBytes
            && tag.End.IsAt(_data[_ahead..])
            && _state.Namespaces.Depth < _state.Depth;
        if (!isIt || !TrySee(_ahead, _ahead + tag.End.Length))
        {
            return false;
        }

        TakeSeen();
        _state.PopInside();
        return true;
    }

    /// <summary>Takes the next start tag, for which <see cref="IsAhead"/> is true, if it has no attributes.</summary>
    public bool TryTakeStart(XmlTag tag)
    {
        int at = _ahead + tag.Start.Length;
        if (_data[at] != (byte)'>' || !_state.HasPlace || !TrySee(_ahead, at + 1))
        {
            return false;
        }

        TakeSeen();
        _state.Push(tag);
        return true;
    }

    /// <summary>Checks that the next element contains only text and is complete. If so, <see cref="Raw"/> and <see cref="IsPlain"/>
    /// describe the text, and <see cref="TakeElement"/> takes the element.</summary>
    /// <param name="tag">The element, for which <see cref="IsAhead"/> is true.</param>
    public bool TrySeeText(XmlTag tag)
    {
        int at = _ahead + tag.Start.Length;
        return _data[at] == (byte)'>' && TrySeeContent(at + 1, in tag.End);
    }

    /// <summary>Checks that the next element contains only text, is complete, and has one attribute after a single space. If so,
    /// <see cref="SeenValue"/> is the value of the attribute, and the text is described as by the other overload.</summary>
    /// <param name="tag">The element, for which <see cref="IsAhead"/> is true.</param>
    /// <param name="attribute">The name of the attribute.</param>
    public bool TrySeeText(XmlTag tag, ReadOnlySpan<byte> attribute)
    {
        // The bytes around the name: a space before it, an equals sign and a quote after it.
        const int Beside = 3;
        int nameAt = _ahead + tag.Start.Length + 1;
        int valueAt = nameAt - 1 + attribute.Length + Beside;
        if (_data.Length <= valueAt || _data[nameAt - 1] != (byte)' ' || !_data[nameAt..].StartsWith(attribute)
            || !_data[(valueAt - 2)..].StartsWith("=\""u8))
        {
            return false;
        }

        ReadOnlySpan<byte> rest = _data[valueAt..];
        if (rest.Length > _state.Limits.MaxTokenBytes)
        {
            rest = rest[.._state.Limits.MaxTokenBytes];
        }

        int length = rest.IndexOf((byte)'"');
        int end = valueAt + length + 2;
        if (length < 0 || length + 1 == rest.Length || rest[length + 1] != (byte)'>' || end - _ahead > _state.Limits.MaxTokenBytes)
        {
            return false;
        }

        SeenValue = rest[..length];
        return XmlText.Check(SeenValue, XmlTextKind.Attribute, out bool isPlain) == Iso20022Reason.None && isPlain
            && TrySeeContent(end, in tag.End);
    }

    /// <summary>Takes the checked element. <see cref="Position"/> is then the position of its end tag.</summary>
    public void TakeElement()
    {
        TakeSeen();
        _state.PassElement();
    }

    private bool TrySeeContent(int at, in TagBytes end)
    {
        ReadOnlySpan<byte> rest = _data[at..];
        if (rest.Length > _state.Limits.MaxTokenBytes)
        {
            rest = rest[.._state.Limits.MaxTokenBytes];
        }

        // Plain text is nearly always followed by a tag.
        int length = XmlText.PlainLength(rest);
        bool isPlain = length < rest.Length && rest[length] == (byte)'<';
        if (!isPlain)
        {
            length = rest.IndexOf((byte)'<');
            if (length < 0 || XmlText.Check(rest[..length], XmlTextKind.Text, out _) != Iso20022Reason.None)
            {
                return false;
            }
        }

        int last = at + length;
        if (!end.IsAt(_data[last..]) || !_state.HasPlace || !TrySee(last, last + end.Length))
        {
            return false;
        }

        Raw = rest[..length];
        TextKind = XmlTextKind.Text;
        IsPlain = isPlain;
        return true;
    }

    // The first bytes distinguish most names; the byte after the name distinguishes it from a longer name.
    private readonly bool IsNamed(in TagBytes start)
    {
        ReadOnlySpan<byte> rest = _data[_ahead..];
        return rest.Length > start.Length && rest[start.Length] is (byte)'>' or (byte)' ' && start.IsRestAt(rest);
    }

    private bool TrySee(int lastTag, int end)
    {
        _lastTag = lastTag;
        _seen = end;
        return _state.Position + (end - Consumed) <= _state.Limits.MaxMessageBytes;
    }

    private void TakeSeen()
    {
        Position = _state.Position + (_lastTag - Consumed);
        _state.Position += _seen - Consumed;
        Consumed = _seen;
    }
}
