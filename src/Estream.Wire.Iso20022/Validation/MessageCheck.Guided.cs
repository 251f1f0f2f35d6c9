using Estream.Wire.Iso20022.Schema;
using Estream.Wire.Iso20022.Xml;

namespace Estream.Wire.Iso20022.Validation;

/// <summary>
/// The elements that the schema expects next, taken at once. All that is decided here is that tokens would say the same: where something is missing, is one too many, or may be of somebody else, the tokens are read, and say what is wrong.
/// </summary>
internal sealed partial class MessageCheck
{
    public bool Guide(scoped ref XmlTokenReader reader)
    {
        if (_passed == 0 && _depth > 0 && _frames[_depth - 1].Type.HasElements && reader.IsInElement && reader.IsDefaultNamespace(_part!.NamespaceUri))
        {
            // What is taken has a byte or more, so this ends. No tag that is taken changes a namespace.
            while (GuideOne(ref reader))
            {
            }
        }

        return !_findings.IsFull;
    }

    private bool GuideOne(scoped ref XmlTokenReader reader)
    {
        ElementDeclaration open = _frames[_depth - 1].Element;
        if (!open.Type.HasElements || !reader.TryLook())
        {
            return false;
        }

        if (!reader.IsEndAhead)
        {
            return GuideElement(ref reader) && !_findings.IsFull;
        }

        if (!reader.TryTakeEnd(open.Tag))
        {
            return false;
        }

        Leave(default, reader.Position);
        return _depth > 0 && !_findings.IsFull;
    }

    private bool GuideElement(scoped ref XmlTokenReader reader)
    {
        ref Frame parent = ref _frames[_depth - 1];
        int place = PlaceAhead(ref parent, in reader);
        if (place < 0)
        {
            return false;
        }

        ElementDeclaration element = parent.Type.Elements[place];
        bool isText = element.Type.Kind == ContentKind.Text;
        bool isTaken = isText ? TrySeeText(element, ref reader) : element.Type.Attributes.Length == 0 && reader.TryTakeStart(element.Tag);
        if (!isTaken)
        {
            return false;
        }

        parent.Count = place == parent.At ? parent.Count + 1 : 1;
        parent.At = place;
        if (isText)
        {
            reader.TakeElement();
            GuideText(element, place, in reader);
        }
        else
        {
            Enter(element);
        }

        return true;
    }

    // An attribute that is not right is left to the tokens, which say so where it stands.
    private static bool TrySeeText(ElementDeclaration element, scoped ref XmlTokenReader reader)
    {
        AttributeDeclaration[] attributes = element.Type.Attributes;
        return attributes.Length == 0 ? reader.TrySeeText(element.Tag)
            : attributes.Length == 1 && reader.TrySeeText(element.Tag, attributes[0].Name) && attributes[0].Type.Check(reader.SeenValue) == Iso20022Reason.None;
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

        bool hasAttribute = element.Type.Attributes.Length > 0;
        if (_rules is null && element.Type.Text!.Check(value) == Iso20022Reason.None)
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
    private static int PlaceAhead(ref Frame parent, scoped in XmlTokenReader reader)
    {
        TagBytes[] starts = parent.Type.Starts;
        int end = EndOfNext(ref parent);
        for (int index = Math.Max(parent.At, 0); index < end; index++)
        {
            if (reader.IsAhead(in starts[index]))
            {
                return index == parent.At && parent.Count == parent.Type.Elements[index].Max ? -1 : index;
            }
        }

        return -1;
    }

    // Up to where elements may come next: those of a choice are one, and none of a sequence comes before one that has to stand there.
    private static int EndOfNext(ref Frame parent)
    {
        ContentType type = parent.Type;
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
