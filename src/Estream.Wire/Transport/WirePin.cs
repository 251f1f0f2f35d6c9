using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Estream.Wire;

/// <summary>
/// A pin: the only accepted certificate, or the only accepted key. Immutable and thread-safe. Pin the key if certificates are renewed with
/// the same key; use two pins while one is replaced by the other.
/// </summary>
public sealed record WirePin
{
    private const string KeyPrefix = "spki-sha256/";

    private readonly bool _isKey;
    private readonly byte[] _hash;

    private WirePin(bool isKey, byte[] hash)
    {
        _isKey = isKey;
        _hash = hash;
    }

    /// <summary>Whether this object pins a key, not a certificate.</summary>
    internal bool IsOfKey => _isKey;

    /// <summary>Pins a certificate: the SHA-256 of its DER form.</summary>
    public static WirePin OfCertificate(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        return new WirePin(isKey: false, SHA256.HashData(certificate.RawData));
    }

    /// <summary>Pins the public key of a certificate: the SHA-256 of its SubjectPublicKeyInfo, as RFC 7469 does.</summary>
    public static WirePin OfKey(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        return new WirePin(isKey: true, SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo()));
    }

    /// <summary>
    /// Parses a pin. For a certificate: 64 hexadecimal digits, optionally with colons, as `openssl x509 -fingerprint -sha256` prints them;
    /// for a key: `spki-sha256/` and 44 characters of base64.
    /// </summary>
    /// <exception cref="FormatException">The text is invalid.</exception>
    public static WirePin Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        byte[] hash = new byte[SHA256.HashSizeInBytes];
        if (text.StartsWith(KeyPrefix, StringComparison.OrdinalIgnoreCase))
        {
            return Convert.TryFromBase64String(text[KeyPrefix.Length..], hash, out int length) && length == hash.Length
                ? new WirePin(isKey: true, hash)
                : throw Malformed(text);
        }

        string digits = text.Replace(":", "", StringComparison.Ordinal);
        return digits.Length == 2 * hash.Length && digits.All(char.IsAsciiHexDigit)
            ? new WirePin(isKey: false, Convert.FromHexString(digits))
            : throw Malformed(text);
    }

    /// <summary>Whether this object pins a certificate or its key.</summary>
    public bool Matches(X509Certificate2 certificate)
    {
        return Equals(_isKey ? OfKey(certificate) : OfCertificate(certificate));
    }

    /// <summary>Whether both pins are equal.</summary>
    public bool Equals(WirePin? other)
    {
        return other is not null && _isKey == other._isKey && _hash.AsSpan().SequenceEqual(other._hash);
    }

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode code = default;
        code.Add(_isKey);
        code.AddBytes(_hash);
        return code.ToHashCode();
    }

    /// <summary>The pin in the form of <see cref="Parse"/>.</summary>
    public override string ToString()
    {
        return _isKey ? KeyPrefix + Convert.ToBase64String(_hash) : Convert.ToHexStringLower(_hash);
    }

    private static FormatException Malformed(string text)
    {
        return new FormatException(
            $"'{text}' is not a pin; write the 64 hexadecimal digits of a certificate's SHA-256, or {KeyPrefix} and the base64 of the "
            + "SHA-256 of its public key.");
    }
}
