using System.Diagnostics.CodeAnalysis;
using System.Text;
using Estream.Esf.Addressing;

namespace Estream.Circuits;

/// <summary>
/// The address of a circuit or a stream, such as <c>lex://acme/boilers/hot</c>: the scheme <c>lex</c>, the authority that owns the address,
/// and a path. Segments after the path of a stream address messages in it, by the <c>path</c> of their schemas (docs/formats/escir.md,
/// "Addresses"). Immutable. Equality compares the canonical text, which is unique for each address.
/// </summary>
public sealed class LexAddress : IEquatable<LexAddress>
{
    /// <summary>The prefix of every address.</summary>
    public const string Scheme = "lex://";

    /// <summary>The maximum length of an address, in characters.</summary>
    public const int MaxLength = 1_024;

    private const int MaxAuthority = 253;

    private readonly string _text;

    private LexAddress(string authority, string path)
    {
        Authority = authority;
        Path = path;
        _text = Scheme + authority + path;
    }

    /// <summary>The authority that owns the address: labels of lower-case letters, digits and hyphens, separated by dots.</summary>
    public string Authority { get; }

    /// <summary>The path, which begins with a slash. Its segments follow RFC 3986 and are percent-encoded only where necessary.</summary>
    public string Path { get; }

    /// <summary>Parses an address.</summary>
    /// <exception cref="FormatException">The text is not an address; the message gives the reason.</exception>
    public static LexAddress Parse(string text) => TryParse(text, out LexAddress? address, out string? reason)
        ? address
        : throw new FormatException(reason);

    /// <summary>Parses an address. Takes time proportional to the length of the text; never throws because of its content.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="address">The address; null if the text is not an address.</param>
    /// <param name="reason">Why the text is not an address; null if the text is an address.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out LexAddress? address, [NotNullWhen(false)] out string? reason)
    {
        ArgumentNullException.ThrowIfNull(text);
        address = null;
        reason = text.Length > MaxLength
            ? $"it has {text.Length} characters, and an address has at most {MaxLength}"
            : text.StartsWith(Scheme, StringComparison.Ordinal) ? null : $"it does not begin with '{Scheme}'";
        if (reason is not null)
        {
            return false;
        }

        string rest = text[Scheme.Length..];
        int slash = rest.IndexOf('/', StringComparison.Ordinal);
        string authority = slash < 0 ? rest : rest[..slash];
        reason = !IsAuthority(authority)
            ? "the authority after the scheme must consist of lower-case letters, digits and hyphens, separated by dots"
            : slash < 0 || slash == rest.Length - 1 ? "it has no path" : null;
        if (reason is not null)
        {
            return false;
        }

        StringBuilder path = new();
        foreach (string segment in rest[(slash + 1)..].Split('/'))
        {
            if (!TryRead(segment, path, out reason))
            {
                return false;
            }
        }

        if (Scheme.Length + authority.Length + path.Length > MaxLength)
        {
            reason = $"it has more than {MaxLength} characters when percent-encoded";
            return false;
        }

        address = new LexAddress(authority, path.ToString());
        return true;
    }

    /// <summary>Derives the address of a name whose words are separated by dots: <c>acme.boiler.hot.v1</c> becomes
    /// <c>lex://acme/boiler/hot/v1</c>.</summary>
    /// <exception cref="ArgumentException">The name yields no valid address.</exception>
    public static LexAddress OfName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);

        // A name may contain underscores, but the authority of an address may not.
        string[] words = name.Split('.');
        return TryParse($"{Scheme}{words[0].Replace('_', '-')}/{string.Join('/', words[1..])}", out LexAddress? address, out string? reason)
            ? address
            : throw new ArgumentException($"'{name}' does not yield a valid address: {reason}.", nameof(name));
    }

    /// <summary>Returns the address one segment below this address.</summary>
    /// <param name="segment">The name of the segment, any text; it is percent-encoded where necessary.</param>
    /// <exception cref="ArgumentException">The segment is empty, or the address would be too long.</exception>
    public LexAddress Below(string segment)
    {
        ArgumentException.ThrowIfNullOrEmpty(segment);
        string encoded = Encode(Encoding.UTF8.GetBytes(segment));
        return _text.Length + 1 + encoded.Length <= MaxLength
            ? new LexAddress(Authority, $"{Path}/{encoded}")
            : throw new ArgumentException($"'{segment}' makes {this} longer than {MaxLength} characters.", nameof(segment));
    }

    /// <summary>Whether this address equals another address or is below it.</summary>
    /// <param name="other">The other address.</param>
    /// <param name="rest">The part of the path below <paramref name="other"/>, beginning with a slash; empty if the addresses are equal or
    /// unrelated.</param>
    public bool IsAtOrBelow(LexAddress other, out string rest)
    {
        ArgumentNullException.ThrowIfNull(other);
        bool isSo = Authority == other.Authority && Path.StartsWith(other.Path, StringComparison.Ordinal)
            && (Path.Length == other.Path.Length || Path[other.Path.Length] == '/');
        rest = isSo ? Path[other.Path.Length..] : "";
        return isSo;
    }

    /// <summary>Returns the parent address; null if the path has a single segment.</summary>
    internal LexAddress? Above() => Path.LastIndexOf('/') is > 0 and int slash ? new LexAddress(Authority, Path[..slash]) : null;

    /// <inheritdoc/>
    public bool Equals(LexAddress? other) => other is not null && _text == other._text;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as LexAddress);

    /// <inheritdoc/>
    public override int GetHashCode() => _text.GetHashCode(StringComparison.Ordinal);

    /// <summary>The text of the address, which <see cref="Parse"/> reads.</summary>
    public override string ToString() => _text;

    private static bool IsAuthority(string text) => text.Length is > 0 and <= MaxAuthority && text.Split('.').All(static label =>
        label.Length > 0 && label[0] != '-' && label[^1] != '-'
            && label.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'));

    private static bool TryRead(string segment, StringBuilder path, [NotNullWhen(false)] out string? reason)
    {
        byte[] plain = Encoding.UTF8.GetBytes(segment);
        byte[] value = new byte[plain.Length];
        int length = 0;
        reason = segment.Length == 0 ? "it has two adjacent slashes, or a slash at the end"
            : segment is "." or ".." ? $"'{segment}' is not allowed as a path segment"
            : segment.IndexOfAny(['{', '}', '*', '?', '#']) >= 0
                ? $"'{segment}' contains one of {{ }} * ? #, which are reserved in addresses: percent-encode that character"
            : AddressText.TryDecode(plain, value, out length) ? null : $"in '{segment}' a '%' is not followed by two hexadecimal digits";
        if (reason is null)
        {
            path.Append('/').Append(Encode(value.AsSpan(0, length)));
        }

        return reason is null;
    }

    private static string Encode(ReadOnlySpan<byte> value)
    {
        byte[] encoded = new byte[value.Length * 3];
        _ = AddressText.TryEncode(value, encoded, out int written);
        return Encoding.ASCII.GetString(encoded, 0, written);
    }
}
