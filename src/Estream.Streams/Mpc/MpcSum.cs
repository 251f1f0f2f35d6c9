using System.Security.Cryptography;
using System.Text;
using Estream.Core;
using Estream.Crypto;
using Estream.Queue;
using Estream.Streams.Internal;
using Estream.Streams.Mpc;

namespace Estream.Streams;

/// <summary>
/// A session in which several parties add numbers up and learn the total, and nothing else of each other's numbers. All they say stands in
/// a queue, the transcript, which anybody can verify.
/// </summary>
/// <remarks>
/// <para>Each party divides its number into random shares, one for each party, which add up to it modulo <see cref="Modulus"/>; each adds
/// up the shares it got; the sums add up to the total. In rounds: commitments to all shares, with each share encrypted to its receiver
/// (ML-KEM-1024 and AES-256-GCM); checks, and where one complains, the share in the open; commitments to the sums; the sums.</para>
/// <para><b>Privacy</b> holds against parties that keep to the rules and are curious, up to all but two of them together: they learn what
/// the total and their own numbers imply. Who takes part with a false number gets a false total; no protocol prevents that.
/// <b>Correctness</b>: who posts two things in one round, or changes a share it had committed to or its sum, is named by everybody; who is
/// silent, at the deadline. Each post names session, party, round and the digest of the rounds before. From the second round on it is
/// authenticated to each other party by a key from the first round, which nobody has but the owner of its private key; before, and to
/// others than the parties, posts carry no signature: who may append to the transcript is the system's to say.
/// Any party can end the session by accusing another one; the accusation names both.</para>
/// </remarks>
public static class MpcSum
{
    /// <summary>The prime modulo which is added: 2^61 − 1. Numbers are smaller, and so should the true total be.</summary>
    public const ulong Modulus = Field61.Modulus;

    /// <summary>The fewest parties: of two, each would learn the other's number.</summary>
    public const int MinParties = 3;

    /// <summary>The most parties.</summary>
    public const int MaxParties = 64;

    private const int LongestName = 64;

    /// <summary>Starts a session: who takes part, and until when.</summary>
    /// <param name="appender">An appender of the transcript, which may hold other sessions and other messages.</param>
    /// <param name="parties">The parties, in the order by which they are counted.</param>
    /// <param name="deadline">When all has to be posted, in nanoseconds since 1970-01-01 UTC.</param>
    /// <returns>The position that names the session in the transcript.</returns>
    /// <exception cref="ArgumentException">There are too few or too many parties, a name is empty or too long, or two have the same
    /// key.</exception>
    /// <exception cref="EstreamStorageException">A new segment was needed and could not be made. Nothing was appended; try again
    /// later.</exception>
    public static long Start(QueueAppender appender, IReadOnlyList<MpcParty> parties, long deadline)
    {
        ArgumentNullException.ThrowIfNull(appender);
        ArgumentNullException.ThrowIfNull(parties);
        byte[][] keys = [.. parties.Select(KeyOf)];
        Check(parties, keys);
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

    /// <summary>Reads what there is of a session and checks it, as anybody can who may read the transcript. What only a party sees, who
    /// opens its shares, is not checked here.</summary>
    /// <param name="transcript">The transcript; may be opened read-only.</param>
    /// <param name="session">What <see cref="Start"/> returned.</param>
    /// <param name="clock">By what the deadline is told; that of the machine by default.</param>
    /// <exception cref="ArgumentException">No session starts there.</exception>
    /// <exception cref="EstreamFormatException">What starts there is no session as this version knows it.</exception>
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

    private static void Check(IReadOnlyList<MpcParty> parties, byte[][] keys)
    {
        if (parties.Count is < MinParties or > MaxParties)
        {
            throw new ArgumentException($"There are {parties.Count} parties; a session has {MinParties} to {MaxParties}.", nameof(parties));
        }

        if (parties.Any(party => Encoding.UTF8.GetByteCount(party.Name) is 0 or > LongestName))
        {
            throw new ArgumentException($"The name of a party has 1 to {LongestName} bytes of UTF-8.", nameof(parties));
        }

        if (keys.Select(Convert.ToHexStringLower).Distinct().Count() != keys.Length)
        {
            throw new ArgumentException("Two parties have the same key, so they are one. Give each its own.", nameof(parties));
        }
    }
}

/// <summary>What the transcript of a session shows to anybody who reads it.</summary>
/// <param name="State">How far it is.</param>
/// <param name="Total">The sum of the inputs, modulo <see cref="MpcSum.Modulus"/>, when it is done; else 0.</param>
/// <param name="Digest">SHA-256 over the start and all complete rounds, each chained to the one before: 64 hexadecimal digits. Parties that
/// have the same saw the same.</param>
/// <param name="Abort">Why there is no total; <see langword="null"/> unless it was aborted.</param>
public sealed record MpcVerification(MpcState State, ulong Total, string Digest, MpcAbort? Abort);

/// <summary>Somebody who takes part in a session.</summary>
/// <param name="Name">For people: at most 64 bytes of UTF-8.</param>
/// <param name="Key">The public key by which others tell it what nobody else may know. That it is this party's is for all to make sure of
/// before the session.</param>
public sealed record MpcParty(string Name, MlKem1024PublicKey Key);

/// <summary>Why a session ended without a total.</summary>
/// <param name="Party">The party that is the reason, by its place in the list; -1 where nobody can be named.</param>
/// <param name="AccusedBy">Who says so, where only that one can see it; -1 where the transcript shows it to everybody.</param>
/// <param name="Reason">What it did, or did not do in time.</param>
public sealed record MpcAbort(int Party, int AccusedBy, string Reason);

/// <summary>How far a session is.</summary>
public enum MpcState
{
    /// <summary>Somebody has still something to post.</summary>
    Running = 0,

    /// <summary>All is posted and fits; there is a total.</summary>
    Done = 1,

    /// <summary>It has ended without a total: see <see cref="MpcAbort"/>.</summary>
    Aborted = 2,
}
