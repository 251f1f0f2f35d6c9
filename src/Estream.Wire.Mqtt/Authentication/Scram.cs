using System.Security.Cryptography;
using System.Text;
using System.Text.Unicode;

namespace Estream.Wire.Mqtt.Internal.Authentication;

/// <summary>What both sides of SCRAM-SHA-256 share (RFC 5802, RFC 7677), without channel binding.</summary>
internal static class Scram
{
    /// <summary>The most bytes one side may say at once.</summary>
    public const int MaxDataBytes = 8 * 1024;

    /// <summary>RFC 7677, section 4.</summary>
    public const int MinIterations = 4_096;

    /// <summary>More would let the other side keep a core of ours for seconds.</summary>
    public const int MaxIterations = 1_000_000;

    public const int HashBytes = 32;

    private const int NonceBytes = 18;
    private const int MaxNonceLength = 256;

    /// <summary>The name of the method in MQTT.</summary>
    public static ReadOnlySpan<byte> Method => "SCRAM-SHA-256"u8;

    public static string NewNonce()
    {
        return Convert.ToBase64String(RandomNumberGenerator.GetBytes(NonceBytes));
    }

    /// <summary>A nonce is printable ASCII without a comma.</summary>
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

    /// <summary>Puts one over the other, bit by bit: a key under a signature, or back.</summary>
    public static void Combine(Span<byte> key, ReadOnlySpan<byte> signature)
    {
        for (int index = 0; index < key.Length; index++)
        {
            key[index] ^= signature[index];
        }
    }

    /// <summary>Takes what the other side says apart at its commas.</summary>
    /// <returns>Null where it is too long or no text.</returns>
    public static string? TextOf(ReadOnlySpan<byte> data)
    {
        return data.Length is > 0 and <= MaxDataBytes && Utf8.IsValid(data) ? Encoding.UTF8.GetString(data) : null;
    }

    /// <summary>The value of an attribute, such as r=…; null where the text is another one.</summary>
    public static string? ValueOf(string attribute, char name)
    {
        return attribute.Length > 2 && attribute[0] == name && attribute[1] == '=' ? attribute[2..] : null;
    }

    /// <summary>Bytes in base64; null where it is none.</summary>
    public static byte[]? BytesOf(string? text)
    {
        byte[] bytes = new byte[text?.Length ?? 0];
        return text is not null && Convert.TryFromBase64String(text, bytes, out int length) ? bytes[..length] : null;
    }
}
