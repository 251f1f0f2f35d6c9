using System.Security.Cryptography;
using System.Text;

namespace Estream.Esf.Schema;

/// <summary>Computes the two hashes of a message header. Both are truncated SHA-256 digests, because SHA-256 is available in every
/// language.</summary>
internal static class SchemaHash
{
    public static ulong IdOf(string canonicalText) => FirstBytes(canonicalText, 8);

    public static uint NameIdOf(string qualifiedName) => (uint)FirstBytes(qualifiedName, 4);

    /// <summary>Returns the first bytes of the digest as a little-endian number, like every number of the format.</summary>
    private static ulong FirstBytes(string text, int byteCount)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
#if NET
        byte[] digest = SHA256.HashData(utf8);
#else
        using SHA256 sha = SHA256.Create();
        byte[] digest = sha.ComputeHash(utf8);
#endif
        ulong value = 0;
        for (int i = byteCount - 1; i >= 0; i--)
        {
            value = (value << 8) | digest[i];
        }

        return value;
    }
}
