using System.Diagnostics.CodeAnalysis;
using System.Text;
using Estream.Esf.Addressing;

namespace Estream.Esf;

/// <summary>
/// A pattern that matches addresses or lattices: names separated by slashes or dots, <c>*</c> for any one name, and <c>**</c> at the end
/// for any number of names, including none. <c>/devices/*/telemetry</c> matches addresses, <c>estream.iot.**</c> matches lattices.
/// Immutable and thread-safe.
/// </summary>
public sealed class EsfAddressPattern
{
    private const int MaxLength = EsfAddress.MaxLength;
    private const string One = "*";
    private const string Any = "**";

    private readonly string _text;
    private readonly byte[]?[] _names;
    private readonly bool _isOpen;

    private EsfAddressPattern(string text, byte[]?[] names, bool isOpen)
    {
        _text = text;
        _names = names;
        _isOpen = isOpen;
        IsPath = text[0] == '/';
    }

    /// <summary>Whether the pattern matches addresses, which begin with a slash; otherwise it matches lattices.</summary>
    public bool IsPath { get; }

    private byte Separator => IsPath ? (byte)'/' : (byte)'.';

    /// <summary>Parses a pattern.</summary>
    /// <exception cref="FormatException">The text is not a pattern; the message says why.</exception>
    public static EsfAddressPattern Parse(string text) => TryParse(text, out EsfAddressPattern? pattern, out string? reason)
        ? pattern
        : throw new FormatException(reason);

    /// <summary>Parses a pattern.</summary>
    /// <param name="text">An address pattern, which begins with a slash, or a lattice pattern, which is names separated by dots.</param>
    /// <param name="pattern">The pattern, if the text is valid.</param>
    /// <param name="reason">The error in the text, if it is not valid.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out EsfAddressPattern? pattern, [NotNullWhen(false)] out string? reason)
    {
        ArgumentNullException.ThrowIfNull(text);
        pattern = null;
        reason = text.Length == 0 ? "a pattern is empty: write for example /devices/*/telemetry or estream.iot.**"
            : text.Length > MaxLength ? $"a pattern has {text.Length} characters, but at most {MaxLength} are allowed" : null;
        if (reason is not null)
        {
            return false;
        }

        bool isPath = text[0] == '/';
        string[] names = (isPath ? text[1..] : text).Split(isPath ? '/' : '.');
        bool isOpen = names[^1] == Any;
        names = isOpen ? names[..^1] : names;
        var read = new byte[]?[names.Length];
        for (int i = 0; i < names.Length; i++)
        {
            reason = ReadName(names[i], isPath, out read[i]);
            if (reason is not null)
            {
                reason = $"the pattern '{text}' {reason}";
                return false;
            }
        }

        pattern = new EsfAddressPattern(text, read, isOpen);
        return true;
    }

    /// <summary>Whether the pattern matches an address or the name of a lattice. Allocates nothing; takes time proportional to the
    /// length.</summary>
    /// <param name="address">An address as <see cref="EsfAddress.TryFormat"/> writes it, or the name of a lattice, in UTF-8.</param>
    public bool Matches(ReadOnlySpan<byte> address)
    {
        if (IsPath)
        {
            if (address.IsEmpty || address[0] != (byte)'/')
            {
                return false;
            }

            address = address[1..];
        }

        int index = 0;
        foreach (Range range in address.Split(Separator))
        {
            if (index == _names.Length)
            {
                return _isOpen;
            }

            if (_names[index] is { } name && !address[range].SequenceEqual(name))
            {
                return false;
            }

            index++;
        }

        return index == _names.Length;
    }

    /// <summary>Returns the pattern as written.</summary>
    public override string ToString() => _text;

    /// <summary>Whether a message of a schema can have an address that matches.</summary>
    internal bool CanMatch(EsfAddress address)
    {
        if (_isOpen ? address.SegmentCount < _names.Length : address.SegmentCount != _names.Length)
        {
            return false;
        }

        for (int i = 0; i < _names.Length; i++)
        {
            if (_names[i] is { } name && !address.CanHave(i, name))
            {
                return false;
            }
        }

        return true;
    }

    // Returns a name in its address encoding, so that names can be compared by bytes; null matches any name.
    private static string? ReadName(string text, bool isPath, out byte[]? name)
    {
        name = null;
        if (text == One)
        {
            return null;
        }

        if (text.Contains('*', StringComparison.Ordinal))
        {
            return $"has '{text}', but '*' matches one whole name and '**' all names after it: write '*' alone, '**' at the end, or %2A "
                + "for the character";
        }

        byte[] plain = Encoding.UTF8.GetBytes(text);
        if (!isPath)
        {
            name = plain;
            return text.Length == 0 ? "has an empty name between dots" : null;
        }

        byte[] value = new byte[plain.Length];
        if (!AddressText.TryDecode(plain, value, out int length))
        {
            return $"has '{text}', in which '%' is not followed by two hexadecimal digits: write %25 for the character";
        }

        byte[] encoded = new byte[length * 3];
        AddressText.TryEncode(value.AsSpan(0, length), encoded, out int written);
        name = encoded[..written];
        return null;
    }
}
