using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Estream.Wire.Mqtt.Internal;

/// <summary>The SHA-256 of a certificate as people write it: 64 hexadecimal digits, or the pairs of openssl with colons between them.</summary>
internal static class CertificatePin
{
    private const int Digits = 2 * SHA256.HashSizeInBytes;

    public static bool IsWellFormed(string pin)
    {
        string digits = WithoutColons(pin);
        return digits.Length == Digits && digits.All(char.IsAsciiHexDigit);
    }

    public static bool Matches(string pin, X509Certificate certificate)
    {
        return certificate.GetCertHashString(HashAlgorithmName.SHA256).Equals(WithoutColons(pin), StringComparison.OrdinalIgnoreCase);
    }

    private static string WithoutColons(string pin)
    {
        return pin.Replace(":", "", StringComparison.Ordinal);
    }
}
