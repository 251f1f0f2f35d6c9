using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Estream.Core;
using Estream.Crypto;
using Estream.Queue;
using Estream.Streams.Mpc;

namespace Estream.Streams;

/// <summary>
/// A party of a session, with its number. <see cref="Step"/> reads the posts of the other parties and appends the posts that this party
/// owes, until the session is done or aborted. The number leaves this object only as shares, each encrypted to its receiver;
/// <see cref="MpcSum"/> documents the guarantees.
/// </summary>
/// <remarks>
/// Not thread-safe: use it on one thread at a time. Its secrets are only in memory and are overwritten when it is disposed, so a party
/// whose process crashes cannot continue. Its posts remain valid. If posts are missing, the session ends at its deadline, or as soon as the
/// party is started again: the new instance finds posts under its index that it did not make, and aborts.
/// </remarks>
public sealed class MpcSumParty : IDisposable
{
    private readonly MpcBoard _board;
    private readonly MlKem1024PrivateKey _key;
    private readonly IClock _clock;
    private readonly QueueTailer _tailer;
    private readonly QueueAppender _appender;
    private readonly int _party;
    private readonly MpcSecrets _secrets;
    private readonly MpcPoster _poster;
    private readonly Dictionary<MpcRound, byte[]> _posted = [];

    /// <summary>Joins a session.</summary>
    /// <param name="transcript">The transcript. The caller still disposes it.</param>
    /// <param name="session">The position that <see cref="MpcSum.Start"/> returned.</param>
    /// <param name="parties">The expected parties. Another program may have started the session, so a session with other parties or keys is
    /// rejected.</param>
    /// <param name="party">The index of this party in <paramref name="parties"/>.</param>
    /// <param name="key">The private key of this party. The caller still disposes it.</param>
    /// <param name="number">The secret number of this party, below <see cref="MpcSum.Modulus"/>.</param>
    /// <param name="clock">The clock for the deadline; the system clock by default.</param>
    /// <exception cref="ArgumentException">No session starts at the position, the number is too large, or the key does not belong to the
    /// party.</exception>
    /// <exception cref="InvalidOperationException">The session has other parties, or the transcript was opened read-only.</exception>
    /// <exception cref="EstreamLeaseException">The transcript has an exclusive appender.</exception>
    public MpcSumParty(EstreamQueue transcript, long session, IReadOnlyList<MpcParty> parties, int party, MlKem1024PrivateKey key,
        ulong number, IClock? clock = null)
    {
        ArgumentNullException.ThrowIfNull(transcript);
        ArgumentNullException.ThrowIfNull(parties);
        ArgumentNullException.ThrowIfNull(key);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(number, MpcSum.Modulus);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)party, (uint)parties.Count, nameof(party));
        (_party, _key, _clock) = (party, key, clock ?? SystemClock.Instance);
        _tailer = transcript.CreateTailer();
        try
        {
            _board = new MpcBoard(MpcStart.Read(_tailer, session));
            Require(parties);
            _secrets = new MpcSecrets(parties.Count, party, number);
            _appender = transcript.CreateAppender();
            _poster = new MpcPoster(_board, _secrets, party, _appender);
        }
        catch
        {
            _tailer.Dispose();
            _secrets?.Dispose();
            throw;
        }
    }

    /// <summary>The state of the session, as far as it was read.</summary>
    public MpcState State => _board.State;

    /// <summary>The sum of all numbers, modulo <see cref="MpcSum.Modulus"/>.</summary>
    /// <exception cref="InvalidOperationException">The session is not done.</exception>
    public ulong Total => State == MpcState.Done
        ? _board.Total
        : throw new InvalidOperationException($"There is no total: the session is {State}.");

    /// <summary>The reason why there is no total; <see langword="null"/> unless the session was aborted.</summary>
    public MpcAbort? Abort => _board.Abort;

    /// <summary>SHA-256 over the start and all completed rounds; parties with the same digest saw the same transcript. 64 hexadecimal
    /// digits.</summary>
    public string Digest => Convert.ToHexStringLower(_board.Digest);

    /// <summary>The tailer of the transcript; use it to wait for posts of the other parties.</summary>
    public QueueTailer Tailer => _tailer;

    /// <summary>Reads new posts, and appends the posts of this party that are due. Never waits.</summary>
    /// <returns>The state of the session.</returns>
    /// <exception cref="EstreamCorruptionException">The bytes at the position are not a message of the queue; the exception names the file
    /// and offset.</exception>
    /// <exception cref="EstreamStorageException">A new segment was needed and could not be created. Nothing was posted; try again
    /// later.</exception>
    public MpcState Step()
    {
        do
        {
            while (_board.State == MpcState.Running && _tailer.TryRead(out QueueMessage message))
            {
                if (MpcPost.TryRead(message.Payload, out MpcPost post))
                {
                    Take(in post, message.Time);
                }
            }

            _board.ExpireIfDue(_clock.UtcNanos);
        }
        while (PostIfDue());
        return _board.State;
    }

    /// <summary>Leaves the session, and overwrites the secrets. Idempotent.</summary>
    public void Dispose()
    {
        _appender.Dispose();
        _tailer.Dispose();
        _secrets.Dispose();
    }

    private void Require(IReadOnlyList<MpcParty> parties)
    {
        byte[][] keys = [.. parties.Select(MpcSum.KeyOf)];
        if (!keys.Select(Convert.ToHexStringLower).SequenceEqual(_board.Start.Keys.Select(Convert.ToHexStringLower)))
        {
            throw new InvalidOperationException(
                "The session was started with other parties or keys than expected. Do not take part in it; find out who "
                + "started it.");
        }

        byte[] own = new byte[MlKem1024.PublicKeyBytes];
        _key.PublicKey.Export(own);
        if (!own.AsSpan().SequenceEqual(keys[_party]))
        {
            throw new ArgumentException($"The private key does not belong to party {_party}.");
        }
    }

    // First checks whether a post is authentic, which only this party can verify; then applies the public rules.
    private void Take(in MpcPost post, long time)
    {
        bool isOurs = post.Session.SequenceEqual(_board.Start.Session) && time <= _board.Start.Deadline;
        if (isOurs && _board.IsExpected(in post))
        {
            if (post.Party == _party)
            {
                if (!_posted.TryGetValue(post.Round, out byte[]? own) || !post.Body.SequenceEqual(own))
                {
                    Accuse(_party, $"another process posts in the name of party {_party}");
                    return;
                }
            }
            else if (post.Round != MpcRound.Share && !IsAuthentic(in post))
            {
                Accuse(post.Party, $"its post in round {post.Round} is not authentic: the party, or someone in its name, posted it");
                return;
            }
        }

        _board.Take(in post, time);
    }

    private bool IsAuthentic(in MpcPost post)
    {
        Span<byte> tag = stackalloc byte[MpcHash.Bytes];
        MpcHash.OfPost(_secrets.KeyFor(post.Party), in post, tag);
        return post.Tags.Length == _board.Parties * MpcHash.Bytes
            && CryptographicOperations.FixedTimeEquals(tag, post.Tags.Slice(_party * MpcHash.Bytes, MpcHash.Bytes));
    }

    private bool PostIfDue()
    {
        if (!_board.IsDue(_party) || _posted.ContainsKey(_board.Round))
        {
            return false;
        }

        byte[] body = _secrets.CreatePost(_board, _key);
        _poster.Post(_board.Round, body);
        _posted.Add(_board.Round, body);
        return true;
    }

    private void Accuse(int party, string reason)
    {
        byte[] body = new byte[sizeof(ushort) + Encoding.UTF8.GetByteCount(reason)];
        BinaryPrimitives.WriteUInt16LittleEndian(body, (ushort)party);
        Encoding.UTF8.GetBytes(reason, body.AsSpan(sizeof(ushort)));
        _poster.Post(MpcRound.Abort, body);
        _board.Accuse(party, _party, reason);
    }
}
