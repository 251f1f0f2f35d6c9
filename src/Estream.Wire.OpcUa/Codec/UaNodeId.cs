using System.Globalization;
using System.Text;

namespace Estream.Wire.OpcUa;

/// <summary>The identifier of a node: a namespace index, and a number, text, GUID or bytes (Part 3, 8.2). Immutable and
/// thread-safe.</summary>
public readonly struct UaNodeId : IEquatable<UaNodeId>
{
    private readonly object? _identifier;

    /// <summary>Creates a numeric identifier.</summary>
    public UaNodeId(ushort namespaceIndex, uint numeric)
    {
        NamespaceIndex = namespaceIndex;
        Numeric = numeric;
    }

    /// <summary>Creates an identifier from a text, GUID or bytes.</summary>
    internal UaNodeId(ushort namespaceIndex, object identifier)
    {
        NamespaceIndex = namespaceIndex;
        _identifier = identifier;
    }

    /// <summary>The index of the namespace in the table of the server.</summary>
    public ushort NamespaceIndex { get; }

    /// <summary>The number; 0 for the other kinds.</summary>
    public uint Numeric { get; }

    /// <summary>The text, or null.</summary>
    public string? Text => _identifier as string;

    /// <summary>The GUID, or null.</summary>
    public Guid? AsGuid => _identifier is Guid guid ? guid : null;

    /// <summary>The bytes; empty for the other kinds.</summary>
    public ReadOnlyMemory<byte> Opaque => _identifier as byte[] ?? default(ReadOnlyMemory<byte>);

    /// <summary>Whether the identifier is a number.</summary>
    public bool IsNumeric => _identifier is null;

    internal byte[]? OpaqueBytes => _identifier as byte[];

    /// <summary>Creates a text identifier.</summary>
    public static UaNodeId OfText(ushort namespaceIndex, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new UaNodeId(namespaceIndex, text);
    }

    /// <summary>Parses the text form of Part 6, 5.3.1.10: `i=2258`, `ns=1;s=Temperature`, `ns=2;g=…` or `ns=2;b=base64`.</summary>
    /// <returns>False if the text has another form.</returns>
    public static bool TryParse(string? text, out UaNodeId node)
    {
        node = default;
        if (text is null)
        {
            return false;
        }

        ushort index = 0;
        ReadOnlySpan<char> rest = text;
        if (rest.StartsWith("ns=", StringComparison.Ordinal))
        {
            int end = rest.IndexOf(';');
            if (end < 0 || !ushort.TryParse(rest[3..end], NumberStyles.None, CultureInfo.InvariantCulture, out index))
            {
                return false;
            }

            rest = rest[(end + 1)..];
        }

        return rest.Length >= 3 && rest[1] == '=' && TryParseIdentifier(index, rest[0], rest[2..], out node);
    }

    /// <summary>The text form of Part 6, 5.3.1.10.</summary>
    public override string ToString()
    {
        string prefix = NamespaceIndex == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"ns={NamespaceIndex};");
        return _identifier switch
        {
            null => string.Create(CultureInfo.InvariantCulture, $"{prefix}i={Numeric}"),
            byte[] bytes => $"{prefix}b={Convert.ToBase64String(bytes)}",
            Guid guid => $"{prefix}g={guid}",
            _ => $"{prefix}s={_identifier}",
        };
    }

    /// <inheritdoc/>
    public bool Equals(UaNodeId other)
    {
        return NamespaceIndex == other.NamespaceIndex && Numeric == other.Numeric && (_identifier, other._identifier) switch
        {
            (byte[] one, byte[] two) => one.AsSpan().SequenceEqual(two),
            _ => Equals(_identifier, other._identifier),
        };
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is UaNodeId other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode code = default;
        code.Add(NamespaceIndex);
        code.Add(Numeric);
        if (_identifier is byte[] bytes)
        {
            code.AddBytes(bytes);
        }
        else
        {
            code.Add(_identifier);
        }

        return code.ToHashCode();
    }

    /// <summary>Whether both identifiers are equal.</summary>
    public static bool operator ==(UaNodeId left, UaNodeId right) => left.Equals(right);

    /// <summary>Whether the identifiers differ.</summary>
    public static bool operator !=(UaNodeId left, UaNodeId right) => !left.Equals(right);

    private static bool TryParseIdentifier(ushort index, char kind, ReadOnlySpan<char> text, out UaNodeId node)
    {
        node = default;
        switch (kind)
        {
            case 'i' when uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out uint number):
                node = new UaNodeId(index, number);
                return true;
            case 's' when Encoding.UTF8.GetByteCount(text) <= UaLimits.MaxHeaderTextBytes:
                node = new UaNodeId(index, text.ToString());
                return true;
            case 'g' when Guid.TryParse(text, out Guid guid):
                node = new UaNodeId(index, guid);
                return true;
            case 'b':
                byte[] bytes = new byte[text.Length];
                bool isBase64 = Convert.TryFromBase64Chars(text, bytes, out int length) && length <= UaLimits.MaxHeaderTextBytes;
                node = isBase64 ? new UaNodeId(index, bytes[..length]) : default;
                return isBase64;
            default:
                return false;
        }
    }
}
