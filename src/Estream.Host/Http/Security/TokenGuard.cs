using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;

namespace Estream.Host.Http;

/// <summary>
/// Compares presented credentials with the configured token. Takes <c>Bearer TOKEN</c> for programs and
/// <c>Basic</c> with the token as the password for browsers, which remember it for the page and its event stream
/// alike. Digests are compared, in constant time, so neither content nor length of the token leaks.
/// </summary>
internal sealed class TokenGuard(string token)
{
    private const int MaxHeaderLength = 8192;

    private readonly byte[] _digest = SHA256.HashData(Encoding.UTF8.GetBytes(token));

    public bool Accepts(string? authorization)
    {
        if (string.IsNullOrEmpty(authorization)
            || authorization.Length > MaxHeaderLength
            || !AuthenticationHeaderValue.TryParse(authorization, out AuthenticationHeaderValue? header)
            || header.Parameter is null)
        {
            return false;
        }

        string? presented = header.Scheme.ToUpperInvariant() switch
        {
            "BEARER" => header.Parameter,
            "BASIC" => PasswordOf(header.Parameter),
            _ => null,
        };
        return presented is not null
            && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(presented)), _digest);
    }

    private static string? PasswordOf(string encoded)
    {
        byte[] bytes = new byte[encoded.Length];
        if (!Convert.TryFromBase64String(encoded, bytes, out int length))
        {
            return null;
        }

        string pair = Encoding.UTF8.GetString(bytes, 0, length);
        int colon = pair.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? null : pair[(colon + 1)..];
    }
}
