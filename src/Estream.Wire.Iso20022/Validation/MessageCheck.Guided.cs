using Estream.Wire.Iso20022.Schema;
using Estream.Wire.Iso20022.Xml;

namespace Estream.Wire.Iso20022.Validation;

/// <summary>
/// The elements that the schema expects next, taken at once. All that is decided here is that tokens would say the same: where something is
/// missing, is one too many, or may be of somebody else, the tokens are read, and say what is wrong.
/// </summary>
internal sealed partial class MessageCheck
{
    public bool Guide(scoped ref XmlTokenReader reader)
    {
        if (_passed == 0 && _depth > 0 && _frames[_depth - 1].Type.HasElements && reader.IsInElement
            && reader.IsDefaultNamespace(_part!.NamespaceUri))
        {
            // What is taken has a byte or more, so this ends. No tag that is taken changes a namespace.
            while (GuideContent(ref reader))
            {
            }
        }

        return !_findings.IsFull;
    }

    // What stands in the open element, up to where another one is it. Says whether to go on with that.
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

    // An attribute that is not right is left to the tokens, which say so where it stands.
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
            // Nobody asks where it stands, so it is not opened.
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

    // Which of the elements that may stand here is ahead, if nothing is missing before it and it is not one too many; below 0 otherwise.
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

    // Up to where elements may come next: those of a choice are one, and none of a sequence comes before one that has to stand there.
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
