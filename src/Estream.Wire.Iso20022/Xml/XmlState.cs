namespace Estream.Wire.Iso20022.Xml;

/// <summary>The phases of reading a document.</summary>
internal enum XmlPhase
{
    /// <summary>Nothing was read yet.</summary>
    Start,

    /// <summary>At the first character, the only position for an XML declaration.</summary>
    Declaration,

    /// <summary>Before the root element.</summary>
    Prolog,

    /// <summary>In the root element.</summary>
    Content,

    /// <summary>After the root element.</summary>
    Epilog,
}

/// <summary>The offsets of the parts of an attribute in its start tag.</summary>
internal readonly record struct XmlAttributeSlot(int NameStart, int NameLength, int PrefixLength, int ValueStart, int ValueLength);

/// <summary>The state of reading a document between its pieces. It changes only with complete tokens. Reusable for the next document. Not
/// thread-safe.</summary>
internal sealed class XmlState
{
    /// <summary>The maximum length of a name including its prefix. The longest name of the standard has some 30 bytes.</summary>
    public const int MaxNameBytes = 256;

    private readonly int _maxDepth;
    private readonly long _maxElements;

    // For the open elements, from index 1: the ends of their names, and the tags of expected elements, whose names are not copied.
    private readonly int[] _nameEnds;
    private readonly XmlTag?[] _tags;
    private byte[] _names = new byte[1_024];

    public XmlState(Iso20022Limits limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        limits.Validate();
        Limits = limits;
        Attributes = new XmlAttributeSlot[limits.MaxAttributes];
        _maxDepth = limits.MaxDepth;
        _maxElements = limits.MaxElements;
        _nameEnds = new int[limits.MaxDepth + 1];
        _tags = new XmlTag?[limits.MaxDepth + 1];
    }

    public Iso20022Limits Limits { get; }

    public XmlNamespaces Namespaces { get; } = new();

    /// <summary>The attributes of the last start tag, without namespace declarations.</summary>
    public XmlAttributeSlot[] Attributes { get; }

    public int AttributeCount { get; set; }

    public XmlPhase Phase { get; set; }

    /// <summary>Whether the next token is the end of an empty element.</summary>
    public bool IsEndPending { get; set; }

    /// <summary>The number of bytes read.</summary>
    public long Position { get; set; }

    /// <summary>The number of elements begun.</summary>
    public long Elements { get; private set; }

    /// <summary>The error that ended reading.</summary>
    public Iso20022Fault Fault { get; set; }

    /// <summary>The number of open elements.</summary>
    public int Depth { get; private set; }

    /// <summary>The name of the innermost open element as written in its start tag. At least one element must be open.</summary>
    public ReadOnlySpan<byte> OpenName => _tags[Depth] is { } tag ? tag.Name : _names.AsSpan(_nameEnds[Depth - 1].._nameEnds[Depth]);

    /// <summary>Whether the limits allow another element.</summary>
    public bool HasPlace => Depth < _maxDepth && Elements < _maxElements;

    /// <summary>Returns which limit does not allow another element.</summary>
    public Iso20022Reason CheckPush() => HasPlace ? Iso20022Reason.None : Depth == _maxDepth
        ? Iso20022Reason.TooDeep
        : Iso20022Reason.TooManyElements;

    /// <summary>Whether the innermost open element, whose local name must match the tags, was opened without a prefix.</summary>
    /// <param name="tag">The tags of that element.</param>
    public bool IsOpen(XmlTag tag) => ReferenceEquals(_tags[Depth], tag) || OpenName.Length == tag.Name.Length;

    /// <summary>Opens an element.</summary>
    public void Push(ReadOnlySpan<byte> name)
    {
        int end = _nameEnds[Depth] + name.Length;
        if (_names.Length < end)
        {
            // The names of all open elements take at most MaxDepth x MaxNameBytes bytes.
            Array.Resize(ref _names, Math.Max(end, 2 * _names.Length));
        }

        name.CopyTo(_names.AsSpan(_nameEnds[Depth]));
        _nameEnds[++Depth] = end;
        _tags[Depth] = null;
        Elements++;
        Phase = XmlPhase.Content;
    }

    /// <summary>Opens a child element by its name without a prefix.</summary>
    public void Push(XmlTag tag)
    {
        _nameEnds[Depth + 1] = _nameEnds[Depth];
        _tags[++Depth] = tag;
        Elements++;
    }

    /// <summary>Closes the innermost open element, which must have a parent and no namespace declarations.</summary>
    public void PopInside() => Depth--;

    /// <summary>Counts an element that was opened and closed in one step.</summary>
    public void PassElement() => Elements++;

    /// <summary>Closes the innermost open element.</summary>
    public void Pop()
    {
        Namespaces.Release(--Depth);
        Phase = Depth == 0 ? XmlPhase.Epilog : XmlPhase.Content;
    }

    /// <summary>Prepares for another document.</summary>
    public void Reset()
    {
        Namespaces.Release(0);
        AttributeCount = 0;
        Phase = XmlPhase.Start;
        IsEndPending = false;
        Position = 0;
        Elements = 0;
        Fault = default;
        Depth = 0;
    }
}

/// <summary>The tags of an element in their usual form, without prefix, attributes and white space, for comparison with input.
/// Immutable.</summary>
internal sealed class XmlTag
{
    // Keeps every tag shorter than the smallest token limit.
    private const int MaxNameBytes = 128;

    private readonly TagBytes _start;
    private readonly TagBytes _end;

    public XmlTag(ReadOnlySpan<byte> name)
    {
        // A name that XML does not allow never matches.
        bool isName = name.Length <= MaxNameBytes && XmlText.IsLocalName(name) && XmlText.NameLength(name) == name.Length;
        _start = new TagBytes([(byte)'<', .. name], isName);
        _end = new TagBytes([(byte)'<', (byte)'/', .. name, (byte)'>'], isName);
    }

    /// <summary>The start tag, up to the end of the name.</summary>
    public ref readonly TagBytes Start => ref _start;

    /// <summary>The end tag.</summary>
    public ref readonly TagBytes End => ref _end;

    /// <summary>The name.</summary>
    public ReadOnlySpan<byte> Name => _start.All[1..];
}
