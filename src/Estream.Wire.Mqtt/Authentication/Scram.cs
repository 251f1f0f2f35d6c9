using System.Security.Cryptography;
using System.Text;
using System.Text.Unicode;

namespace Estream.Wire.Mqtt.Internal.Authentication;

/// <summary>The parts of SCRAM-SHA-256 that client and server share (RFC 5802, RFC 7677), without channel binding.</summary>
internal static class Scram
{
    /// <summary>The maximum length of one message in bytes.</summary>
    public const int MaxDataBytes = 8 * 1024;

    /// <summary>The minimum iteration count of RFC 7677, section 4.</summary>
    public const int MinIterations = 4_096;

    /// <summary>The maximum iteration count. A higher count would let the peer occupy a core for seconds.</summary>
    public const int MaxIterations = 1_000_000;

    public const int HashBytes = 32;

    private const int NonceBytes = 18;
    private const int MaxNonceLength = 256;

    /// <summary>The name of the authentication method in MQTT.</summary>
    public static ReadOnlySpan<byte> Method => "SCRAM-SHA-256"u8;

    public static string NewNonce()
    {
        return Convert.ToBase64String(RandomNumberGenerator.GetBytes(NonceBytes));
    }

    /// <summary>Whether a text is a nonce: printable ASCII without a comma.</summary>
    public static bool IsNonce(string nonce)
    {
        return nonce.Length is > 0 and <= MaxNonceLength && nonce.All(character => character is > ' ' and <= '~' and not ',');
    }

    public static byte[] SaltedPassword(ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, int iterations)
    {
        return Rfc2898DeriveBytes.Pbkdf2(password, salt, iterations, HashAlgorithmName.SHA256, HashBytes);
    }

    public static byte[] ClientKey(ReadOnlySpan<byte> saltedPassword)
    {
        return HMACSHA256.HashData(saltedPassword, "Client Key"u8);
    }

    public static byte[] ServerKey(ReadOnlySpan<byte> saltedPassword)
    {
        return HMACSHA256.HashData(saltedPassword, "Server Key"u8);
    }

    public static byte[] Sign(ReadOnlySpan<byte> key, string message)
    {
        return HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(message));
    }

    /// <summary>Replaces a key by its XOR with a signature: key to proof, or proof to key.</summary>
    public static void Combine(Span<byte> key, ReadOnlySpan<byte> signature)
    {
        for (int index = 0; index < key.Length; index++)
        {
            key[index] ^= signature[index];
        }
    }

    /// <summary>Decodes a message of the peer as text.</summary>
    /// <returns>The text; null if the message is empty, too long or not valid UTF-8.</returns>
    public static string? TextOf(ReadOnlySpan<byte> data)
    {
        return data.Length is > 0 and <= MaxDataBytes && Utf8.IsValid(data) ? Encoding.UTF8.GetString(data) : null;
    }

    /// <summary>Returns the value of an attribute, such as r=…; null if the text is not that attribute.</summary>
    public static string? ValueOf(string attribute, char name)
    {
        return attribute.Length > 2 && attribute[0] == name && attribute[1] == '=' ? attribute[2..] : null;
    }

    /// <summary>Decodes base64; null if the text is not valid base64.</summary>
    public static byte[]? BytesOf(string? text)
    {
        byte[] bytes = new byte[text?.Length ?? 0];
        return text is not null && Convert.TryFromBase64String(text, bytes, out int length) ? bytes[..length] : null;
    }
}
