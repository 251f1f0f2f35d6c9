namespace Estream.Wire.Iso20022.Xml;

/// <summary>The namespace declarations in scope. The number of declarations is limited to the needs of the messages: a few declarations at
/// the root of a message or of its parts.</summary>
internal sealed class XmlNamespaces
{
    private const int MaxBindings = 64;

    private const int MaxBytes = 8 * 1024;

    private readonly byte[] _bytes = new byte[MaxBytes];
    private readonly Binding[] _bindings = new Binding[MaxBindings];
    private int _count;
    private int _used;

    /// <summary>The namespace of the prefix <c>xml</c>, which needs no declaration.</summary>
    public static ReadOnlySpan<byte> XmlUri => "http://www.w3.org/XML/1998/namespace"u8;

    /// <summary>The namespace of the prefix <c>xmlns</c>, which must not be used otherwise.</summary>
    public static ReadOnlySpan<byte> DeclarationsUri => "http://www.w3.org/2000/xmlns/"u8;

    /// <summary>The depth of the innermost element with a declaration; 0 if there is none.</summary>
    public int Depth => _count == 0 ? 0 : _bindings[_count - 1].Depth;

    /// <summary>Declares a namespace for the scope of an element.</summary>
    /// <param name="prefix">The prefix; empty for the default namespace.</param>
    /// <param name="rawUri">The namespace as written in the attribute.</param>
    /// <param name="depth">The depth of the element: 1 for the root.</param>
    /// <param name="uri">The decoded namespace.</param>
    /// <returns>False if there is no space left.</returns>
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

    /// <summary>Resolves a prefix.</summary>
    /// <param name="prefix">The prefix; empty for the default namespace.</param>
    /// <param name="uri">The namespace; empty for none. Valid until the next declaration.</param>
    /// <returns>False if the prefix is not declared.</returns>
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

    /// <summary>Removes the declarations of deeper elements.</summary>
    public void Release(int depth)
    {
        while (_count > 0 && _bindings[_count - 1].Depth > depth)
        {
            _used = _bindings[--_count].Start;
        }
    }

    private readonly record struct Binding(int Start, int PrefixLength, int UriLength, int Depth);
}
