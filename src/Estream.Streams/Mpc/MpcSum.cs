using System.Security.Cryptography;
using System.Text;
using Estream.Core;
using Estream.Crypto;
using Estream.Queue;
using Estream.Streams.Internal;
using Estream.Streams.Mpc;

namespace Estream.Streams;

/// <summary>
/// A session in which several parties add up their numbers and learn the total, but nothing else about each other's numbers. All messages
/// of the parties are in a queue, the transcript, which anyone with read access can verify.
/// </summary>
/// <remarks>
/// <para>Each party splits its number into random shares, one for each party, which add up to the number modulo <see cref="Modulus"/>. Each
/// party adds up the shares it receives; these sums add up to the total. The rounds are: commitments to all shares, with each share
/// encrypted to its receiver (ML-KEM-1024 and AES-256-GCM); checks and, if a party complains, the disputed share in plaintext; commitments
/// to the sums; the sums.</para>
/// <para><b>Privacy</b> holds against honest-but-curious parties, even if all but two of them collude: they learn only what follows from
/// the total and their own numbers. A party that enters a false number causes a false total; no protocol prevents that. <b>Correctness</b>:
/// a party that posts two different messages in a round, or changes its sum or a share it has committed to, is identified by all parties; a
/// silent party is identified at the deadline. Each post contains session, party, round and the digest of the earlier rounds. From the
/// second round on, it is authenticated to each other party by a key from the first round that only the holder of the poster's private key
/// can derive. In the first round, and towards readers who are not parties, posts carry no signature: file permissions control who may
/// append to the transcript. Any party can abort the session by accusing another party; the accusation names both parties.</para>
/// </remarks>
public static class MpcSum
{
    /// <summary>The prime modulus of the addition: 2^61 − 1. Numbers must be smaller, and the true total should be smaller too.</summary>
    public const ulong Modulus = Field61.Modulus;

    /// <summary>The minimum number of parties: with two, each would learn the other's number.</summary>
    public const int MinParties = 3;

    /// <summary>The maximum number of parties.</summary>
    public const int MaxParties = 64;

    private const int LongestName = 64;

    /// <summary>Starts a session with its parties and deadline.</summary>
    /// <param name="appender">An appender of the transcript, which may contain other sessions and other messages.</param>
    /// <param name="parties">The parties, in the order that defines their indexes.</param>
    /// <param name="deadline">The time by which all posts must be appended, in nanoseconds since 1970-01-01 UTC.</param>
    /// <returns>The position that identifies the session in the transcript.</returns>
    /// <exception cref="ArgumentException">There are too few or too many parties, a name is empty or too long, or two parties have the same
    /// key.</exception>
    /// <exception cref="EstreamStorageException">A new segment was needed and could not be created. Nothing was appended; try again
    /// later.</exception>
    public static long Start(QueueAppender appender, IReadOnlyList<MpcParty> parties, long deadline)
    {
        ArgumentNullException.ThrowIfNull(appender);
        ArgumentNullException.ThrowIfNull(parties);
        byte[][] keys = KeysOf(parties);
        using AppendClaim claim =
            appender.Claim(MpcStartRecord.FixedLength + 64 + (parties.Count * (MlKem1024.PublicKeyBytes + LongestName + 16)));
        MpcStartRecord.Writer writer = MpcStartRecord.Write(claim.Span);
        writer.SetSession(RandomNumberGenerator.GetBytes(MpcHash.Bytes));
        writer.Deadline = deadline;
        var names = writer.BeginNames();
        foreach (MpcParty party in parties)
        {
            names.Add(Encoding.UTF8.GetBytes(party.Name));
        }

        writer.EndNames(names);
        var keyWriter = writer.BeginKeys();
        foreach (byte[] key in keys)
        {
            keyWriter.Add(key);
        }

        writer.EndKeys(keyWriter);
        claim.Commit(writer.Length);
        return claim.Position;
    }

    /// <summary>Reads the posts of a session so far and verifies them. Anyone who may read the transcript can do so; checks that require a
    /// party's secrets, such as opening its shares, are not included.</summary>
    /// <param name="transcript">The transcript; may be opened read-only.</param>
    /// <param name="session">The position that <see cref="Start"/> returned.</param>
    /// <param name="clock">The clock for the deadline; the system clock by default.</param>
    /// <exception cref="ArgumentException">No session starts at the position.</exception>
    /// <exception cref="EstreamFormatException">This version does not support the session that starts at the position.</exception>
    public static MpcVerification Verify(EstreamQueue transcript, long session, IClock? clock = null)
    {
        ArgumentNullException.ThrowIfNull(transcript);
        using QueueTailer tailer = transcript.CreateTailer();
        var board = new MpcBoard(MpcStart.Read(tailer, session));
        while (tailer.TryRead(out QueueMessage message))
        {
            if (MpcPost.TryRead(message.Payload, out MpcPost post))
            {
                board.Take(in post, message.Time);
            }
        }

        board.ExpireIfDue((clock ?? SystemClock.Instance).UtcNanos);
        return new MpcVerification(board.State, board.Total, Convert.ToHexStringLower(board.Digest), board.Abort);
    }

    internal static byte[] KeyOf(MpcParty party)
    {
        byte[] key = new byte[MlKem1024.PublicKeyBytes];
        party.Key.Export(key);
        return key;
    }

    /// <summary>Checks parties, and returns their public keys.</summary>
    /// <exception cref="ArgumentException">The parties are not valid for a session.</exception>
    internal static byte[][] KeysOf(IReadOnlyList<MpcParty> parties)
    {
        byte[][] keys = [.. parties.Select(KeyOf)];
        Check(parties, keys);
        return keys;
    }

    private static void Check(IReadOnlyList<MpcParty> parties, byte[][] keys)
    {
        if (parties.Count is < MinParties or > MaxParties)
        {
            throw new ArgumentException($"There are {parties.Count} parties; a session has {MinParties} to {MaxParties}.", nameof(parties));
        }

        if (parties.Any(party => Encoding.UTF8.GetByteCount(party.Name) is 0 or > LongestName))
        {
            throw new ArgumentException($"The name of a party must have 1 to {LongestName} bytes of UTF-8.", nameof(parties));
        }

        if (keys.Select(Convert.ToHexStringLower).Distinct().Count() != keys.Length)
        {
            throw new ArgumentException("Two parties have the same key. Give each party its own key.", nameof(parties));
        }
    }
}

/// <summary>The state of a session as any reader of the transcript sees it.</summary>
/// <param name="State">The state of the session.</param>
/// <param name="Total">The sum of the numbers, modulo <see cref="MpcSum.Modulus"/>, if the session is done; otherwise 0.</param>
/// <param name="Digest">SHA-256 over the start and all completed rounds, each chained to the previous one: 64 hexadecimal digits. Parties
/// with the same digest saw the same transcript.</param>
/// <param name="Abort">The reason why there is no total; <see langword="null"/> unless the session was aborted.</param>
public sealed record MpcVerification(MpcState State, ulong Total, string Digest, MpcAbort? Abort);

/// <summary>A party of a session.</summary>
/// <param name="Name">A human-readable name: at most 64 bytes of UTF-8.</param>
/// <param name="Key">The public key with which the other parties encrypt secrets for this party. All parties must make sure before the
/// session that the key belongs to this party.</param>
public sealed record MpcParty(string Name, MlKem1024PublicKey Key);

/// <summary>The reason why a session ended without a total.</summary>
/// <param name="Party">The index of the party that caused the abort; -1 if no party can be named.</param>
/// <param name="AccusedBy">The index of the accusing party, if only that party can see the reason; -1 if the transcript shows the reason to
/// all.</param>
/// <param name="Reason">What the party did, or failed to do in time.</param>
public sealed record MpcAbort(int Party, int AccusedBy, string Reason);

/// <summary>The states of a session.</summary>
public enum MpcState
{
    /// <summary>At least one party still has to post.</summary>
    Running = 0,

    /// <summary>Everything is posted and consistent; there is a total.</summary>
    Done = 1,

    /// <summary>The session ended without a total: see <see cref="MpcAbort"/>.</summary>
    Aborted = 2,
}
