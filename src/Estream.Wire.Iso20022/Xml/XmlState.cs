namespace Estream.Wire.Iso20022.Xml;

/// <summary>Where in a document a reader is.</summary>
internal enum XmlPhase
{
    /// <summary>Nothing was read.</summary>
    Start,

    /// <summary>At the first character: the only place of an XML declaration.</summary>
    Declaration,

    /// <summary>Before the root element.</summary>
    Prolog,

    /// <summary>In the root element.</summary>
    Content,

    /// <summary>Behind the root element.</summary>
    Epilog,
}

/// <summary>Where the parts of an attribute are in its start tag.</summary>
internal readonly record struct XmlAttributeSlot(int NameStart, int NameLength, int PrefixLength, int ValueStart, int ValueLength);

/// <summary>What a reader keeps of a document between the pieces it arrives in: it changes with whole tokens only. To be used again for the
/// next document. Not thread-safe.</summary>
internal sealed class XmlState
{
    /// <summary>The longest name, prefix included. The longest of the standard has some 30 bytes.</summary>
    public const int MaxNameBytes = 256;

    private readonly int _maxDepth;
    private readonly long _maxElements;

    // Of the open elements, from 1: where their names end, and the tags of those that were expected, whose names are not copied.
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

    /// <summary>The attributes of the start tag that was read last, without those that declare namespaces.</summary>
    public XmlAttributeSlot[] Attributes { get; }

    public int AttributeCount { get; set; }

    public XmlPhase Phase { get; set; }

    /// <summary>Whether the end of an empty element is the next token.</summary>
    public bool IsEndPending { get; set; }

    /// <summary>Bytes read so far.</summary>
    public long Position { get; set; }

    /// <summary>Elements begun so far.</summary>
    public long Elements { get; private set; }

    /// <summary>What ended the reading.</summary>
    public Iso20022Fault Fault { get; set; }

    /// <summary>How many elements are open.</summary>
    public int Depth { get; private set; }

    /// <summary>The name of the innermost open element, as its start tag has it. There is one.</summary>
    public ReadOnlySpan<byte> OpenName => _tags[Depth] is { } tag ? tag.Name : _names.AsSpan(_nameEnds[Depth - 1].._nameEnds[Depth]);

    /// <summary>Whether there is a place for one more element.</summary>
    public bool HasPlace => Depth < _maxDepth && Elements < _maxElements;

    /// <summary>Why there is no place for one more element.</summary>
    public Iso20022Reason CheckPush() => HasPlace ? Iso20022Reason.None : Depth == _maxDepth
        ? Iso20022Reason.TooDeep
        : Iso20022Reason.TooManyElements;

    /// <summary>Whether the innermost open element, which has a name, was opened without a prefix.</summary>
    /// <param name="tag">Its tags.</param>
    public bool IsOpen(XmlTag tag) => ReferenceEquals(_tags[Depth], tag) || OpenName.Length == tag.Name.Length;

    /// <summary>Opens an element.</summary>
    public void Push(ReadOnlySpan<byte> name)
    {
        int end = _nameEnds[Depth] + name.Length;
        if (_names.Length < end)
        {
            // At most MaxDepth x MaxNameBytes.
            Array.Resize(ref _names, Math.Max(end, 2 * _names.Length));
        }

        name.CopyTo(_names.AsSpan(_nameEnds[Depth]));
        _nameEnds[++Depth] = end;
        _tags[Depth] = null;
        Elements++;
        Phase = XmlPhase.Content;
    }

    /// <summary>Opens an element in the open one, by its name without a prefix.</summary>
    public void Push(XmlTag tag)
    {
        _nameEnds[Depth + 1] = _nameEnds[Depth];
        _tags[++Depth] = tag;
        Elements++;
    }

    /// <summary>Closes the innermost open element, which is in another one and with which no namespace ends.</summary>
    public void PopInside() => Depth--;

    /// <summary>Counts an element that was opened and closed at once.</summary>
    public void PassElement() => Elements++;

    /// <summary>Closes the innermost open element.</summary>
    public void Pop()
    {
        Namespaces.Release(--Depth);
        Phase = Depth == 0 ? XmlPhase.Epilog : XmlPhase.Content;
    }

    /// <summary>Makes it ready for another document.</summary>
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

/// <summary>The tags of an element as nearly everybody writes them, without prefix, attributes and white space: bytes to compare with those
/// that come. Immutable.</summary>
internal sealed class XmlTag
{
    // With these no tag is longer than the shortest limit of a token.
    private const int MaxNameBytes = 128;

    private readonly TagBytes _start;
    private readonly TagBytes _end;

    public XmlTag(ReadOnlySpan<byte> name)
    {
        // A name that no document can have is never found.
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
