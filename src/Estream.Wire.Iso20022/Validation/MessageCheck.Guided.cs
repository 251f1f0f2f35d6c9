using Estream.Wire.Iso20022.Schema;
using Estream.Wire.Iso20022.Xml;

namespace Estream.Wire.Iso20022.Validation;

/// <summary>
/// Fast path: takes elements that the schema expects next without reading tokens. An element is taken here only if reading its tokens would
/// give the same result. If an element may be missing, excess or foreign, the slow path reads the tokens and reports the error.
/// </summary>
internal sealed partial class MessageCheck
{
    public bool Guide(scoped ref XmlTokenReader reader)
    {
        if (_passed == 0 && _depth > 0 && _frames[_depth - 1].Type.HasElements && reader.IsInElement
            && reader.IsDefaultNamespace(_part!.NamespaceUri))
        {
            // Terminates, since each step takes at least one byte. No tag taken here changes a namespace.
            while (GuideContent(ref reader))
            {
            }
        }

        return !_findings.IsFull;
    }

    // Takes the content of the open element until another element becomes the open element. Returns whether to continue with that element.
    private bool GuideContent(scoped ref XmlTokenReader reader)
    {
        ref Frame parent = ref _frames[_depth - 1];
        ContentType type = parent.Type;
        if (!type.HasElements)
        {
            return false;
        }

        while (reader.TryLook())
        {
            if (reader.IsEndAhead)
            {
                return GuideEnd(parent.Element, ref reader);
            }

            int place = PlaceAhead(ref parent, type, in reader);
            if (place < 0)
            {
                return false;
            }

            ElementDeclaration element = type.Elements[place];
            bool isText = element.Text is not null;
            bool isTaken = isText ? TrySeeText(element, ref reader) : element.Attributes.Length == 0 && reader.TryTakeStart(element.Tag);
            if (!isTaken)
            {
                return false;
            }

            parent.Count = place == parent.At ? parent.Count + 1 : 1;
            parent.At = place;
            if (!isText)
            {
                Enter(element);
                return !_findings.IsFull;
            }

            reader.TakeElement();
            GuideText(element, place, in reader);
            if (_findings.IsFull)
            {
                return false;
            }
        }

        return false;
    }

    private bool GuideEnd(ElementDeclaration open, scoped ref XmlTokenReader reader)
    {
        if (!reader.TryTakeEnd(open.Tag))
        {
            return false;
        }

        Leave(default, reader.Position);
        return _depth > 0 && !_findings.IsFull;
    }

    // An invalid attribute is left to the slow path, which reports its position.
    private static bool TrySeeText(ElementDeclaration element, scoped ref XmlTokenReader reader)
    {
        AttributeDeclaration[] attributes = element.Attributes;
        return attributes.Length == 0 ? reader.TrySeeText(element.Tag)
            : attributes.Length == 1 && reader.TrySeeText(element.Tag, attributes[0].Name)
                && attributes[0].Type.Check(reader.SeenValue) == Iso20022Reason.None;
    }

    private void GuideText(ElementDeclaration element, int place, scoped in XmlTokenReader reader)
    {
        ReadOnlySpan<byte> value = reader.Raw;
        if (!reader.IsPlain)
        {
            _valueLength = 0;
            Reserve(value.Length);
            value = _value.AsSpan(0, XmlText.Decode(value, reader.TextKind, _value));
        }

        bool hasAttribute = element.Attributes.Length > 0;
        if (_rules is null && element.Text!.Check(value) == Iso20022Reason.None)
        {
            // Without rules nothing needs the position of the element, so it gets no frame.
            if (IsOfMessage)
            {
                _sink?.Element(place, hasAttribute ? reader.SeenValue : default, value);
            }

            return;
        }

        Enter(element);
        if (hasAttribute && IsOfMessage)
        {
            _rules?.TakeCurrency(reader.SeenValue);
            _sink?.Attribute(reader.SeenValue);
        }

        Leave(value, reader.Position);
    }

    // Returns which allowed element is next, if no required element is missing before it and it does not exceed its maximum; else negative.
    private static int PlaceAhead(ref Frame parent, ContentType type, scoped in XmlTokenReader reader)
    {
        TagBytes[] starts = type.Starts;
        int end = EndOfNext(ref parent, type);
        for (int index = Math.Max(parent.At, 0); index < end; index++)
        {
            if (reader.IsAhead(in starts[index]))
            {
                return index == parent.At && parent.Count == type.Elements[index].Max ? -1 : index;
            }
        }

        return -1;
    }

    // The end of the range of possible next elements: the chosen alternative of a choice; in a sequence, up to the next required element.
    private static int EndOfNext(ref Frame parent, ContentType type)
    {
        int count = type.Elements.Length;
        if (type.Kind == ContentKind.Choice)
        {
            return parent.At >= 0 ? parent.At + 1 : count;
        }

        return count == 0 ? 0
            : parent.Count < type.Elements[parent.At].Min ? parent.At + 1
            : Math.Min(type.NextRequired(parent.At + 1) + 1, count);
    }
}
