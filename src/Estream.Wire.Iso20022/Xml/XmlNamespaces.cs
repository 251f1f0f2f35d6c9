namespace Estream.Wire.Iso20022.Xml;

/// <summary>Which prefix stands for which namespace, where the reader is. As much as these messages use: a handful, declared at the root of
/// a message or of its parts.</summary>
internal sealed class XmlNamespaces
{
    private const int MaxBindings = 64;

    private const int MaxBytes = 8 * 1024;

    private readonly byte[] _bytes = new byte[MaxBytes];
    private readonly Binding[] _bindings = new Binding[MaxBindings];
    private int _count;
    private int _used;

    /// <summary>What the prefix <c>xml</c> stands for without being declared.</summary>
    public static ReadOnlySpan<byte> XmlUri => "http://www.w3.org/XML/1998/namespace"u8;

    /// <summary>What the prefix <c>xmlns</c> stands for, which nobody may use otherwise.</summary>
    public static ReadOnlySpan<byte> DeclarationsUri => "http://www.w3.org/2000/xmlns/"u8;

    /// <summary>How deep the innermost element is that declares one; 0 where there is none.</summary>
    public int Depth => _count == 0 ? 0 : _bindings[_count - 1].Depth;

    /// <summary>Declares a namespace from an element on, until it ends.</summary>
    /// <param name="prefix">The prefix; empty for the default namespace.</param>
    /// <param name="rawUri">The namespace as the attribute has it.</param>
    /// <param name="depth">How deep the element is: 1 for the root.</param>
    /// <param name="uri">The namespace.</param>
    /// <returns>False when there is no room.</returns>
    public bool TryBind(ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> rawUri, int depth, out ReadOnlySpan<byte> uri)
    {
        uri = default;
        if (_count == MaxBindings || _used + prefix.Length + rawUri.Length > MaxBytes)
        {
            return false;
        }

        int uriAt = _used + prefix.Length;
        prefix.CopyTo(_bytes.AsSpan(_used));
        int uriLength = XmlText.Decode(rawUri, XmlTextKind.Attribute, _bytes.AsSpan(uriAt));
        _bindings[_count++] = new Binding(_used, prefix.Length, uriLength, depth);
        _used = uriAt + uriLength;
        uri = _bytes.AsSpan(uriAt, uriLength);
        return true;
    }

    /// <summary>Looks a prefix up.</summary>
    /// <param name="prefix">The prefix; empty for the default namespace.</param>
    /// <param name="uri">The namespace; empty for none. Valid until the next one is declared.</param>
    /// <returns>False when the prefix stands for nothing.</returns>
    public bool TryFind(ReadOnlySpan<byte> prefix, out ReadOnlySpan<byte> uri)
    {
        for (int index = _count - 1; index >= 0; index--)
        {
            Binding binding = _bindings[index];
            if (prefix.SequenceEqual(_bytes.AsSpan(binding.Start, binding.PrefixLength)))
            {
                uri = _bytes.AsSpan(binding.Start + binding.PrefixLength, binding.UriLength);
                return true;
            }
        }

        bool isXml = prefix.SequenceEqual("xml"u8);
        uri = isXml ? XmlUri : default;
        return isXml || prefix.IsEmpty;
    }

    /// <summary>Forgets what was declared deeper than this.</summary>
    public void Release(int depth)
    {
        while (_count > 0 && _bindings[_count - 1].Depth > depth)
        {
            _used = _bindings[--_count].Start;
        }
    }

    private readonly record struct Binding(int Start, int PrefixLength, int UriLength, int Depth);
}
