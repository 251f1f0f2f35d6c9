using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Estream.Streams.Mpc;

/// <summary>The digests of a session. Each kind has its own prefix (domain separation), so no digest can be passed off as one of
/// another kind.</summary>
internal static class MpcHash
{
    public const int Bytes = SHA256.HashSizeInBytes;

    public static byte[] OfStart(ReadOnlySpan<byte> start)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData("estream mpc start 1"u8);
        hash.AppendData(start);
        return hash.GetHashAndReset();
    }

    /// <summary>Returns the digest after a round: over the digest before the round, and the post of each party, in the order of the
    /// parties.</summary>
    public static byte[] OfRound(ReadOnlySpan<byte> before, MpcRound round, byte[]?[] bodies)
    {
        Span<byte> head = stackalloc byte[8];
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData("estream mpc round 1"u8);
        hash.AppendData(before);
        BinaryPrimitives.WriteInt64LittleEndian(head, (long)round);
        hash.AppendData(head);
        foreach (byte[]? body in bodies)
        {
            BinaryPrimitives.WriteInt64LittleEndian(head, body?.Length ?? -1);
            hash.AppendData(head);
            hash.AppendData(body ?? []);
        }

        return hash.GetHashAndReset();
    }

    /// <summary>Returns a commitment. For the kind <c>share</c>, the dealer commits to the share of the receiver. For the kind
    /// <c>total</c>, a party (as dealer and receiver) commits to the sum of the shares it received.</summary>
    public static byte[] OfNumber(ReadOnlySpan<byte> session, ReadOnlySpan<byte> kind, int dealer, int receiver, ulong number,
        ReadOnlySpan<byte> blind)
    {
        Span<byte> words = stackalloc byte[16];
        BinaryPrimitives.WriteInt32LittleEndian(words, dealer);
        BinaryPrimitives.WriteInt32LittleEndian(words[4..], receiver);
        BinaryPrimitives.WriteUInt64LittleEndian(words[8..], number);
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData("estream mpc commitment 1 "u8);
        hash.AppendData(kind);
        hash.AppendData(session);
        hash.AppendData(words);
        hash.AppendData(blind);
        CryptographicOperations.ZeroMemory(words);
        return hash.GetHashAndReset();
    }

    /// <summary>Computes the code (HMAC) with which a party authenticates a post to another party.</summary>
    public static void OfPost(ReadOnlySpan<byte> key, in MpcPost post, Span<byte> tag)
    {
        Span<byte> words = stackalloc byte[8];
        BinaryPrimitives.WriteInt32LittleEndian(words, post.Party);
        BinaryPrimitives.WriteInt32LittleEndian(words[4..], (int)post.Round);
        using IncrementalHash hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        hash.AppendData(post.Session);
        hash.AppendData(words);
        hash.AppendData(post.Transcript);
        hash.AppendData(post.Body);
        _ = hash.GetHashAndReset(tag);
    }
}
