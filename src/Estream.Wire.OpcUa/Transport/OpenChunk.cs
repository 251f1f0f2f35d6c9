using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Estream.Wire.OpcUa.Codec;

namespace Estream.Wire.OpcUa.Transport;

/// <summary>Protects and opens the chunks of OpenSecureChannel with the asymmetric algorithms of the policy (Part 6, 6.7.2).</summary>
internal static class OpenChunk
{
    private const int ExtraPaddingKeyBytes = 256;

    /// <summary>Writes a chunk with a request.</summary>
    public static byte[] Protect(ChannelSecurity security, uint channelId, uint sequence, uint requestId, ReadOnlySpan<byte> body)
    {
        UaWriter header = new();
        header.Advance(ChunkHeader.Bytes);
        header.UInt32(channelId);
        header.Text(Encoding.UTF8.GetBytes(security.Algorithms.Uri));
        header.Bytes(security.Own is null ? default : security.Own.RawDataMemory.Span);
        header.Bytes(security.Server is null ? default : SHA1Thumbprint(security.Server));
        UaWriter plain = new();
        plain.UInt32(sequence);
        plain.UInt32(requestId);
        plain.Raw(body);
        return security.IsNone ? Plain(header, plain) : Encrypted(security, header, plain);
    }

    /// <summary>Opens the chunk of a response.</summary>
    /// <param name="security">The expected security.</param>
    /// <param name="chunk">The whole chunk.</param>
    /// <returns>The sequence header and the body.</returns>
    /// <exception cref="CryptographicException">The chunk has another policy or certificate, or is not authentic.</exception>
    public static ReadOnlySpan<byte> Open(ChannelSecurity security, ReadOnlySpan<byte> chunk)
    {
        UaReader reader = new(chunk[ChunkHeader.Bytes..]);
        reader.UInt32();
        ReadOnlySpan<byte> policy = reader.Bytes();
        ReadOnlySpan<byte> sender = reader.Bytes();
        ReadOnlySpan<byte> thumbprint = reader.Bytes();
        if (reader.IsFailed || !policy.SequenceEqual(Encoding.UTF8.GetBytes(security.Algorithms.Uri)))
        {
            throw new CryptographicException("The server answers with another security policy.");
        }

        if (security.IsNone)
        {
            return reader.Rest;
        }

        // A server may send its chain, which begins with its own certificate.
        if (!sender.StartsWith(security.Server!.RawDataMemory.Span)
            || !thumbprint.SequenceEqual(SHA1Thumbprint(security.Own!)))
        {
            throw new CryptographicException("The server answers with a certificate other than that of its endpoint, or to another one.");
        }

        ReadOnlySpan<byte> header = chunk[..^reader.Rest.Length];
        byte[] plain = security.Decrypt(reader.Rest);
        return Verified(security, header, plain);
    }

    private static byte[] Plain(UaWriter header, UaWriter plain)
    {
        header.Raw(plain.Written);
        byte[] chunk = header.Written.ToArray();
        new ChunkHeader(ChunkKind.Open, ChunkHeader.IsFinal, chunk.Length).Write(chunk);
        return chunk;
    }

    private static byte[] Encrypted(ChannelSecurity security, UaWriter header, UaWriter plain)
    {
        int ownKey = KeyBytes(security.Own!);
        int serverKey = KeyBytes(security.Server!);
        int block = serverKey - security.Algorithms.EncryptionOverhead;
        bool hasExtra = serverKey > ExtraPaddingKeyBytes;
        int unpadded = plain.Length + (hasExtra ? 2 : 1) + ownKey;
        int padding = (block - (unpadded % block)) % block;
        plain.Byte((byte)padding);
        plain.Advance(padding).Fill((byte)padding);
        if (hasExtra)
        {
            plain.Byte((byte)(padding >> 8));
        }

        byte[] start = header.Written.ToArray();
        int cipherLength = (plain.Length + ownKey) / block * serverKey;
        new ChunkHeader(ChunkKind.Open, ChunkHeader.IsFinal, start.Length + cipherLength).Write(start);
        byte[] signature = security.Sign([.. start, .. plain.Written]);
        plain.Raw(signature);
        return [.. start, .. security.Encrypt(plain.Written)];
    }

    private static ReadOnlySpan<byte> Verified(ChannelSecurity security, ReadOnlySpan<byte> header, byte[] plain)
    {
        int signatureLength = KeyBytes(security.Server!);
        int signedLength = plain.Length - signatureLength;
        if (signedLength < 10)
        {
            throw new CryptographicException("The response of the server is too short.");
        }

        ReadOnlySpan<byte> signed = plain.AsSpan(0, signedLength);
        if (!security.Verify([.. header, .. signed], plain.AsSpan(signedLength)))
        {
            throw new CryptographicException("The signature of the server is wrong.");
        }

        int padding = KeyBytes(security.Own!) > ExtraPaddingKeyBytes
            ? BinaryPrimitives.ReadUInt16LittleEndian([signed[^2], signed[^1]]) + 2
            : signed[^1] + 1;
        return padding <= signedLength - 8 ? signed[..^padding] : throw new CryptographicException("The padding is wrong.");
    }

    private static int KeyBytes(X509Certificate2 certificate)
    {
        using RSA key = certificate.GetRSAPublicKey()!;
        return key.KeySize / 8;
    }

    private static byte[] SHA1Thumbprint(X509Certificate2 certificate) => certificate.GetCertHash(HashAlgorithmName.SHA1);
}
