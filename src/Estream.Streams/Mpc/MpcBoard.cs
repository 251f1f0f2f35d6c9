using System.Buffers.Binary;

namespace Estream.Streams.Mpc;

/// <summary>
/// The public state of a session, as any reader of its transcript sees it: the current round, the posts of each party, and rule violations.
/// It processes one message after another; the state depends only on the messages and the time.
/// </summary>
internal sealed class MpcBoard
{
    private const int LongestReason = 256;

    private readonly Dictionary<(MpcRound, int), byte[]> _posts = [];
    private readonly bool[,] _complaints;

    public MpcBoard(MpcStart start)
    {
        Start = start;
        Digest = start.Digest;
        _complaints = new bool[start.Parties, start.Parties];
    }

    public MpcStart Start { get; }

    public int Parties => Start.Parties;

    public MpcState State { get; private set; }

    public MpcRound Round { get; private set; } = MpcRound.Share;

    /// <summary>The digest of the start and of the completed rounds.</summary>
    public byte[] Digest { get; private set; }

    public ulong Total { get; private set; }

    public MpcAbort? Abort { get; private set; }

    public static int ShareBytes(int parties) => parties * (MpcHash.Bytes + EncryptedShare.Bytes);

    /// <summary>Returns the post of a party in a round.</summary>
    public byte[] Post(MpcRound round, int party) => _posts[(round, party)];

    public ReadOnlySpan<byte> CommitmentOf(int dealer, int receiver) =>
        Post(MpcRound.Share, dealer).AsSpan(receiver * MpcHash.Bytes, MpcHash.Bytes);

    public ReadOnlySpan<byte> BoxOf(int dealer, int receiver) =>
        Post(MpcRound.Share, dealer).AsSpan((Parties * MpcHash.Bytes) + (receiver * EncryptedShare.Bytes), EncryptedShare.Bytes);

    /// <summary>Returns, in order, the receivers who complained that a dealer's share does not match its commitment.</summary>
    public IEnumerable<int> ComplaintsAbout(int dealer) => Enumerable.Range(0, Parties).Where(receiver => _complaints[receiver, dealer]);

    /// <summary>Returns the share that a dealer had to reveal to all parties because this receiver complained; null if the receiver did not
    /// complain.</summary>
    public ulong? AnswerOf(int dealer, int receiver)
    {
        int place = 0;
        foreach (int complaining in ComplaintsAbout(dealer))
        {
            if (complaining == receiver)
            {
                return BinaryPrimitives.ReadUInt64LittleEndian(Post(MpcRound.Answer, dealer).AsSpan(place * MpcCommitmentOpening.Bytes));
            }

            place++;
        }

        return null;
    }

    /// <summary>Returns true if a party has to post in this round and has not posted yet.</summary>
    public bool IsDue(int party) => State == MpcState.Running && Posts(party) && !_posts.ContainsKey((Round, party));

    /// <summary>Returns true if a post would be the first of its party in the current round; checked before the post is
    /// processed.</summary>
    public bool IsExpected(in MpcPost post) => post.Party < Parties && post.Round == Round && IsDue(post.Party);

    /// <summary>Processes a message of the transcript; messages of other sessions are skipped.</summary>
    public void Take(in MpcPost post, long time)
    {
        if (State != MpcState.Running || !post.Session.SequenceEqual(Start.Session) || post.Party >= Parties || time > Start.Deadline)
        {
            return;
        }

        int party = post.Party;
        if (post.Round == MpcRound.Abort)
        {
            TakeAccusation(party, post.Body);
        }
        else if (_posts.TryGetValue((post.Round, party), out byte[]? before))
        {
            if (!before.AsSpan().SequenceEqual(post.Body))
            {
                End(party, $"posted two different messages in round {post.Round}");
            }
        }
        else if (post.Round != Round || !Posts(party))
        {
            End(party, $"posted in round {post.Round} out of turn; the session is in round {Round}");
        }
        else if (!post.Transcript.SequenceEqual(Digest))
        {
            End(party, $"posted in round {post.Round} of another transcript");
        }
        else if (Complaint(party, post.Body) is { } complaint)
        {
            End(party, complaint);
        }
        else
        {
            _posts.Add((Round, party), post.Body.ToArray());
            AdvanceRound();
        }
    }

    /// <summary>Aborts the session if its deadline has passed.</summary>
    public void ExpireIfDue(long now)
    {
        if (State == MpcState.Running && now > Start.Deadline)
        {
            int[] missing = [.. Enumerable.Range(0, Parties).Where(IsDue)];
            End(missing[0], $"posted nothing in round {Round} until the deadline; nor did {missing.Length - 1} other parties");
        }
    }

    /// <summary>Aborts the session for a reason that only one party can see.</summary>
    public void Accuse(int party, int by, string reason)
    {
        if (State == MpcState.Running)
        {
            (State, Abort) = (MpcState.Aborted, new MpcAbort(party, by, reason));
        }
    }

    private bool Posts(int party) => Round != MpcRound.Answer || ComplaintsAbout(party).Any();

    private string? Complaint(int party, ReadOnlySpan<byte> body) => Round switch
    {
        MpcRound.Share => body.Length == ShareBytes(Parties) ? null : "posted shares of the wrong length",
        MpcRound.Check => body.Length == Parties && body.IndexOfAnyExcept((byte)0, (byte)1) < 0 && body[party] == 0
            ? null
            : "posted an invalid check",
        MpcRound.Answer => IsAnswer(party, body)
            ? null
            : "changed a share: the share it revealed does not match its commitment",
        MpcRound.Commit => body.Length == MpcHash.Bytes ? null : "posted a commitment of the wrong length",
        MpcRound.Reveal => MpcCommitmentOpening.Fits(Start.Session, "total"u8, party, party, body, Post(MpcRound.Commit, party))
            ? null
            : "changed its share of the total after committing to it",
        _ => "posted in an unknown round",
    };

    private bool IsAnswer(int dealer, ReadOnlySpan<byte> body)
    {
        foreach (int receiver in ComplaintsAbout(dealer))
        {
            if (body.Length < MpcCommitmentOpening.Bytes
                || !MpcCommitmentOpening.Fits(Start.Session, "share"u8, dealer, receiver, body[..MpcCommitmentOpening.Bytes],
                CommitmentOf(dealer, receiver)))
            {
                return false;
            }

            body = body[MpcCommitmentOpening.Bytes..];
        }

        return body.Length == 0;
    }

    private void AdvanceRound()
    {
        while (State == MpcState.Running && !Enumerable.Range(0, Parties).Any(IsDue))
        {
            if (Round == MpcRound.Check)
            {
                NoteComplaints();
            }

            Digest = MpcHash.OfRound(Digest, Round,
                [.. Enumerable.Range(0, Parties).Select(party => _posts.GetValueOrDefault((Round, party)))]);
            if (Round == MpcRound.Reveal)
            {
                Total = Enumerable.Range(0, Parties)
                    .Aggregate(0UL,
                        (sum, party) => Field61.Add(sum, BinaryPrimitives.ReadUInt64LittleEndian(Post(MpcRound.Reveal, party))));
                State = MpcState.Done;
            }
            else
            {
                Round++;
            }
        }
    }

    private void NoteComplaints()
    {
        for (int receiver = 0; receiver < Parties; receiver++)
        {
            for (int dealer = 0; dealer < Parties; dealer++)
            {
                _complaints[receiver, dealer] = Post(MpcRound.Check, receiver)[dealer] != 0;
            }
        }
    }

    private void TakeAccusation(int by, ReadOnlySpan<byte> body)
    {
        if (body.Length is < sizeof(ushort) or > sizeof(ushort) + LongestReason || BinaryPrimitives.ReadUInt16LittleEndian(body) >= Parties)
        {
            End(by, "posted an invalid accusation");
            return;
        }

        Accuse(BinaryPrimitives.ReadUInt16LittleEndian(body), by, System.Text.Encoding.UTF8.GetString(body[sizeof(ushort)..]));
    }

    private void End(int party, string reason) => Accuse(party, -1, reason);
}
