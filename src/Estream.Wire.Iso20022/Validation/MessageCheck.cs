using System.Security.Cryptography;
using Estream.Wire.Iso20022.Json;
using Estream.Wire.Iso20022.Schema;
using Estream.Wire.Iso20022.Xml;

namespace Estream.Wire.Iso20022.Validation;

/// <summary>
/// Validates a message and its header against their schemas while they are read. It buffers the open elements and the text of one element,
/// however long the message is. It skips everything around the message and the header, such as network envelopes. It also skips the content
/// of elements that are not allowed, and continues after them.
/// </summary>
internal sealed partial class MessageCheck : IDocumentSink
{
    private readonly Iso20022Limits _limits;
    private readonly MessageRules? _rules;
    private readonly IMessageSink? _takers;
    private readonly FindingList _findings;
    private readonly Frame[] _frames;
    private byte[] _value = new byte[1_024];
    private int _valueLength;

    // The bytes of _value that may contain data.
    private int _reserved;
    private bool _isValueTooLong;
    private int _depth;
    private int _passed;
    private bool _hasMessage;
    private bool _hasHeader;
    private IMessageSink? _sink;
    private MessageSchema? _part;
    private MessageSchema? _last;

    public MessageCheck(Iso20022Limits limits, Iso20022Checks checks, IMessageSink? sink = null)
    {
        _limits = limits;
        _rules = checks == Iso20022Checks.Schema ? null : new MessageRules(isCrossBorder: checks == Iso20022Checks.CrossBorder);
        _takers = sink;
        _findings = new FindingList(limits.MaxFindings);
        _frames = new Frame[limits.MaxDepth];
    }

    /// <summary>The schema of the message; null before the message has begun, and if the message is unknown.</summary>
    public MessageSchema? Message { get; private set; }

    /// <summary>The schema of the header; null before it has begun, if there is none, and if its version is unknown. An unknown header is
    /// skipped.</summary>
    public MessageSchema? Header { get; private set; }

    /// <summary>The findings.</summary>
    public IReadOnlyList<Iso20022Finding> Findings => _findings.All;

    private Span<Frame> Open => _frames.AsSpan(0, _depth);

    private ReadOnlySpan<byte> Value => _value.AsSpan(0, _valueLength);

    private bool IsOfMessage => ReferenceEquals(_part, Message);

    public bool Take(scoped in XmlTokenReader token)
    {
        switch (token.Kind)
        {
            case XmlTokenKind.Start:
                TakeStart(token);
                break;
            case XmlTokenKind.End:
                TakeEnd(token.Position);
                break;
            default:
                TakeText(token);
                break;
        }

        return !_findings.IsFull;
    }

    public void LosePlaces() => _findings.HasPlaces = false;

    /// <summary>Ends the document. Reports a document without a known message.</summary>
    /// <param name="position">The length of the document in bytes.</param>
    public void Finish(long position)
    {
        if (!_hasMessage)
        {
            _findings.Add(Iso20022Reason.UnknownMessage, position, Open);
        }
    }

    /// <summary>Reports that the document cannot be read.</summary>
    public void Refuse(Iso20022Fault fault) =>
        _findings.Add(fault.Reason, fault.Position, fault.Position == DocumentFeed.NoPosition ? default : Open);

    /// <summary>Overwrites the buffered text, which may be private. Findings are kept.</summary>
    public void Forget()
    {
        CryptographicOperations.ZeroMemory(_value.AsSpan(0, _reserved));
        _reserved = 0;
    }

    /// <summary>Prepares for another message.</summary>
    public void Reset()
    {
        Forget();
        _rules?.Reset();
        _findings.Clear();
        _valueLength = 0;
        _isValueTooLong = false;
        _depth = 0;
        _passed = 0;
        _part = null;
        _hasMessage = false;
        _hasHeader = false;
        Message = null;
        Header = null;
    }

    private void TakeStart(scoped in XmlTokenReader token)
    {
        if (_passed > 0)
        {
            _passed++;
            return;
        }

        ElementDeclaration? element = _depth == 0 ? FindPart(token) : FindElement(token);
        if (element is null)
        {
            return;
        }

        Enter(element);
        if (token.AttributeCount > 0 || element.Type.Attributes.Length > 0)
        {
            CheckAttributes(element.Type, token);
        }
    }

    private void Enter(ElementDeclaration element)
    {
        int number = _depth == 0 ? 1 : _frames[_depth - 1].Count;
        _frames[_depth++] = new Frame(element, number);
        _valueLength = 0;
        _isValueTooLong = false;
        if (IsOfMessage)
        {
            TellStart();
        }
    }

    private void TellStart()
    {
        if (_depth == 1)
        {
            _sink = _takers?.TakerOf(_part!);
            _sink?.BeginMessage(_part!);
        }
        else
        {
            _sink?.Begin(_frames[_depth - 2].At);
        }
    }

    // Finds the root of a message or header. Elements around them have no frame, and their content is searched.
    private ElementDeclaration? FindPart(scoped in XmlTokenReader token)
    {
        bool isMessage = token.LocalName.SequenceEqual("Document"u8);
        if (!isMessage && !token.LocalName.SequenceEqual("AppHdr"u8))
        {
            return null;
        }

        _passed = 1;
        if (isMessage ? _hasMessage : _hasHeader)
        {
            _findings.Add(Iso20022Reason.SeveralMessages, token.Position, Open, token.LocalName);
            return null;
        }

        _hasMessage |= isMessage;
        _hasHeader |= !isMessage;
        _part = isMessage ? SchemaOfMessage(token.NamespaceUri) : MessageSchemas.ByNamespace(token.NamespaceUri);
        if (_part is null || !token.LocalName.SequenceEqual(_part.Root.Name))
        {
            if (isMessage)
            {
                _findings.Add(Iso20022Reason.UnknownMessage, token.Position, Open, token.LocalName);
            }

            return null;
        }

        _passed = 0;
        if (isMessage && _rules?.IsOfHeader(_part) == false)
        {
            _findings.Add(Iso20022Reason.HeaderOfAnother, token.Position, Open, "AppHdr/MsgDefIdr"u8);
        }

        Message = isMessage ? _part : Message;
        Header = isMessage ? Header : _part;
        return _part.Root;
    }

    // The last schema is tried first, because the next message usually has the same version.
    private MessageSchema? SchemaOfMessage(ReadOnlySpan<byte> namespaceUri)
    {
        if (_last is null || !namespaceUri.SequenceEqual(_last.NamespaceUri))
        {
            _last = MessageSchemas.ByNamespace(namespaceUri);
        }

        return _last;
    }

    // Returns null for an element to skip: it is not allowed here, or its parent accepts any element.
    private ElementDeclaration? FindElement(scoped in XmlTokenReader token)
    {
        ref Frame parent = ref _frames[_depth - 1];
        bool isOwn = token.NamespaceUri.SequenceEqual(_part!.NamespaceUri);
        Iso20022Reason reason = parent.Type.Kind switch
        {
            ContentKind.Any => TakeAny(ref parent, token.NamespaceUri),
            ContentKind.Sequence when isOwn => TakeNext(ref parent, token),
            ContentKind.Choice when isOwn => TakeChoice(ref parent, token.LocalName),
            _ => Iso20022Reason.UnexpectedElement,
        };
        if (reason == Iso20022Reason.None && parent.Type.Kind != ContentKind.Any)
        {
            return parent.Type.Elements[parent.At];
        }

        _passed = 1;
        if (reason != Iso20022Reason.None && !(isOwn && IsLeftOut(parent.Type, token.LocalName)))
        {
            _findings.Add(reason, token.Position, Open, token.LocalName, isStranger: !_part.Knows(token.LocalName));
        }

        return null;
    }

    // Whether a schema may lack an element: a partial schema has no element of this name at this place.
    private bool IsLeftOut(ContentType parent, ReadOnlySpan<byte> name)
    {
        bool isLeftOut = _part!.IsPartial && parent.HasElements;
        foreach (ElementDeclaration element in parent.Elements)
        {
            isLeftOut &= !name.SequenceEqual(element.Name);
        }

        return isLeftOut;
    }

    private Iso20022Reason TakeNext(ref Frame parent, scoped in XmlTokenReader token)
    {
        ElementDeclaration[] elements = parent.Type.Elements;
        for (int index = parent.At; index < elements.Length; index++)
        {
            if (!token.LocalName.SequenceEqual(elements[index].Name))
            {
                continue;
            }

            if (index != parent.At)
            {
                RequireUpTo(ref parent, index, token.Position);
                parent.At = index;
                parent.Count = 0;
            }

            return CountOne(ref parent, elements[index]);
        }

        return Iso20022Reason.UnexpectedElement;
    }

    private static Iso20022Reason TakeChoice(ref Frame parent, ReadOnlySpan<byte> name)
    {
        ElementDeclaration[] elements = parent.Type.Elements;
        if (parent.At >= 0)
        {
            return name.SequenceEqual(elements[parent.At].Name)
                ? CountOne(ref parent, elements[parent.At])
                : Iso20022Reason.UnexpectedElement;
        }

        for (int index = 0; index < elements.Length; index++)
        {
            if (name.SequenceEqual(elements[index].Name))
            {
                parent.At = index;
                return CountOne(ref parent, elements[index]);
            }
        }

        return Iso20022Reason.UnexpectedElement;
    }

    private static Iso20022Reason TakeAny(ref Frame parent, ReadOnlySpan<byte> namespaceUri)
    {
        bool isAllowed = parent.Type.AnyNamespace is not { } only || namespaceUri.SequenceEqual(only);
        return ++parent.Count > 1 ? Iso20022Reason.TooManyOccurrences
            : isAllowed ? Iso20022Reason.None : Iso20022Reason.UnexpectedElement;
    }

    private static Iso20022Reason CountOne(ref Frame parent, ElementDeclaration element)
    {
        if (parent.Count == element.Max)
        {
            return Iso20022Reason.TooManyOccurrences;
        }

        parent.Count++;
        return Iso20022Reason.None;
    }

    // For a sequence: reports the required elements that are missing before an index.
    private void RequireUpTo(ref Frame frame, int end, long position)
    {
        ElementDeclaration[] elements = frame.Type.Elements;
        bool isMissing = frame.At < end && (frame.Count < elements[frame.At].Min || frame.Type.NextRequired(frame.At + 1) < end);
        if (!isMissing)
        {
            return;
        }

        for (int index = frame.At; index < end; index++)
        {
            int count = index == frame.At ? frame.Count : 0;
            if (count < elements[index].Min)
            {
                _findings.Add(Iso20022Reason.MissingElement, position, Open, elements[index].Name);
            }
        }
    }

    private void CheckAttributes(ContentType type, scoped in XmlTokenReader token)
    {
        ulong there = 0;
        if (IsOfMessage)
        {
            _rules?.TakeCurrency(default);
        }

        for (int index = 0; index < token.AttributeCount; index++)
        {
            XmlAttribute attribute = token.Attribute(index);
            if (IsHint(attribute))
            {
                continue;
            }

            int known = attribute.NamespaceUri.IsEmpty ? IndexOf(type.Attributes, attribute.LocalName) : -1;
            if (known < 0)
            {
                _findings.Add(Iso20022Reason.UnexpectedAttribute, token.Position, Open, attribute.LocalName, isAttribute: true,
                    isStranger: !_part!.Knows(attribute.LocalName));
                continue;
            }

            there |= 1UL << known;
            Reserve(attribute.Raw.Length);
            int length = XmlText.Decode(attribute.Raw, XmlTextKind.Attribute, _value);
            Iso20022Reason reason = type.Attributes[known].Type.Check(_value.AsSpan(0, length));
            if (reason != Iso20022Reason.None)
            {
                _findings.Add(reason, token.Position, Open, attribute.LocalName, isAttribute: true);
            }
            else if (IsOfMessage)
            {
                _rules?.TakeCurrency(_value.AsSpan(0, length));
                _sink?.Attribute(_value.AsSpan(0, length));
            }
        }

        for (int index = 0; index < type.Attributes.Length; index++)
        {
            if (type.Attributes[index].IsRequired && (there & (1UL << index)) == 0)
            {
                _findings.Add(Iso20022Reason.MissingAttribute, token.Position, Open, type.Attributes[index].Name, isAttribute: true);
            }
        }
    }

    // Every element may have hints where to find a schema. The hints are ignored.
    private static bool IsHint(XmlAttribute attribute) =>
        attribute.NamespaceUri.SequenceEqual("http://www.w3.org/2001/XMLSchema-instance"u8)
        && (attribute.LocalName.SequenceEqual("schemaLocation"u8) || attribute.LocalName.SequenceEqual("noNamespaceSchemaLocation"u8));

    private static int IndexOf(AttributeDeclaration[] attributes, ReadOnlySpan<byte> name)
    {
        for (int index = 0; index < attributes.Length; index++)
        {
            if (name.SequenceEqual(attributes[index].Name))
            {
                return index;
            }
        }

        return -1;
    }

    private void TakeText(scoped in XmlTokenReader token)
    {
        if (_passed > 0 || _depth == 0)
        {
            return;
        }

        if (_frames[_depth - 1].Type.Kind != ContentKind.Text)
        {
            if (token.Raw.ContainsAnyExcept(XmlText.Blanks))
            {
                _findings.Add(Iso20022Reason.UnexpectedText, token.Position, Open);
            }

            return;
        }

        if (_isValueTooLong || _valueLength + token.Raw.Length >= _limits.MaxTokenBytes)
        {
            _isValueTooLong = true;
            return;
        }

        Reserve(_valueLength + token.Raw.Length);
        _valueLength += XmlText.Decode(token.Raw, token.TextKind, _value.AsSpan(_valueLength));
    }

    private void TakeEnd(long position)
    {
        if (_passed > 0)
        {
            _passed--;
        }
        else if (_depth > 0)
        {
            Leave(Value, position);
        }
    }

    // Ends the open element. The value is the text of the element, if it has text.
    private void Leave(ReadOnlySpan<byte> value, long position)
    {
        CheckContent(ref _frames[_depth - 1], value, position);
        if (IsOfMessage)
        {
            _rules?.End(Open, position, _findings);
            _sink?.End(_frames[_depth - 1].Type.Kind == ContentKind.Text ? value : default);
        }

        _depth--;
    }

    private void CheckContent(ref Frame frame, ReadOnlySpan<byte> value, long position)
    {
        switch (frame.Type.Kind)
        {
            case ContentKind.Text:
                Iso20022Reason reason = _isValueTooLong ? Iso20022Reason.ValueTooLong : frame.Type.Text!.Check(value);
                reason = reason == Iso20022Reason.None && _rules is not null ? AskRules(_rules, value) : reason;
                if (reason != Iso20022Reason.None)
                {
                    _findings.Add(reason, position, Open);
                }

                break;
            case ContentKind.Sequence:
                RequireUpTo(ref frame, frame.Type.Elements.Length, position);
                break;
            case ContentKind.Choice when frame.At >= 0:
                RequireUpTo(ref frame, frame.At + 1, position);
                break;
            case ContentKind.Choice when !_part!.IsPartial && !Array.Exists(frame.Type.Elements, element => element.Min == 0):
            case ContentKind.Any when frame.Count == 0:
                _findings.Add(Iso20022Reason.MissingElement, position, Open);
                break;
        }
    }

    private Iso20022Reason AskRules(MessageRules rules, ReadOnlySpan<byte> value)
    {
        if (IsOfMessage)
        {
            return rules.Take(Open, value);
        }

        // The rules get only direct children of the header, not children of a related header inside it.
        if (_depth == 2)
        {
            rules.TakeOfHeader(_frames[1].Element.Name, value);
        }

        return Iso20022Reason.None;
    }

    private void Reserve(int length)
    {
        _reserved = Math.Max(_reserved, length);
        if (_value.Length < length)
        {
            byte[] longer = new byte[Math.Max(length, 2 * _value.Length)];
            Value.CopyTo(longer);
            CryptographicOperations.ZeroMemory(_value);
            _value = longer;
        }
    }
}
