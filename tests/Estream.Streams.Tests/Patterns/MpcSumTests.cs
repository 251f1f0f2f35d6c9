using System.Buffers.Binary;
using System.Globalization;
using Estream.Core;
using Estream.Crypto;
using Estream.Queue;
using Estream.Streams.Internal;
using Estream.Streams.Mpc;
using Estream.Testing;

namespace Estream.Streams.Tests.Patterns;

/// <summary>Sessions: the parties learn the total, violations of the rules are attributed, and the posts reveal nothing.</summary>
public sealed class MpcSumTests : IDisposable
{
    private static readonly MlKem1024PrivateKey[] s_keys = [.. Enumerable.Range(0, 8).Select(_ => MlKem1024PrivateKey.Generate())];

    private readonly TempDirectory _directory = new();
    private readonly EstreamQueue _transcript;
    private readonly QueueAppender _appender;
    private readonly ManualClock _clock = new(SystemClock.Instance.UtcNanos);

    public MpcSumTests()
    {
        _transcript = EstreamQueue.Open(_directory.Combine("transcript"), new QueueOptions { SegmentBytes = 4 << 20 });
        _appender = _transcript.CreateAppender();
    }

    public void Dispose()
    {
        _appender.Dispose();
        _transcript.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void Invalid_arguments_are_refused()
    {
        Assert.Throws<ArgumentException>(() => MpcSum.Start(_appender, Parties(2), Deadline));
        Assert.Throws<ArgumentException>(() => MpcSum.Start(_appender, [.. Parties(3), .. Parties(1)], Deadline));
        Assert.Throws<ArgumentException>(() => MpcSum.Start(_appender, [.. Enumerable.Repeat(Parties(1)[0], 65)], Deadline));
        Assert.Throws<ArgumentException>(() =>
            MpcSum.Start(_appender, [.. Parties(3).Select(party => party with { Name = "" })], Deadline));
        long session = MpcSum.Start(_appender, Parties(3), Deadline);
        Assert.Throws<ArgumentOutOfRangeException>(() => Join(session, 0, MpcSum.Modulus));
        Assert.Throws<ArgumentOutOfRangeException>(() => Join(session, 3, 1));
        Assert.Throws<ArgumentException>(() => new MpcSumParty(_transcript, session, Parties(3), 0, s_keys[1], 1));
        Assert.Throws<InvalidOperationException>(() => new MpcSumParty(_transcript, session, Parties(4), 0, s_keys[0], 1));
        Assert.Throws<InvalidOperationException>(() => new MpcSumParty(_transcript, session, [.. Parties(3).Reverse()], 2, s_keys[0], 1));
        long stranger = _appender.Append("no session"u8);
        Assert.Throws<ArgumentException>(() => MpcSum.Verify(_transcript, stranger));
        using MpcSumParty party = Join(session, 0, 1);
        Assert.Equal(MpcState.Running, party.Step());
        Assert.Throws<InvalidOperationException>(() => party.Total);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(8)]
    public void All_parties_learn_the_total_and_anyone_can_verify_it(int count)
    {
        var random = new Random(count);
        for (int session = 0; session < LongRun.Count(5, 200); session++)
        {
            ulong[] numbers = [.. Enumerable.Range(0, count).Select(_ => random.Next(4) switch
            {
                0 => 0UL,
                1 => MpcSum.Modulus - 1,
                _ => (ulong)random.NextInt64((long)MpcSum.Modulus),
            })];
            ulong expected = numbers.Aggregate(0UL, (sum, number) => (ulong)(((UInt128)sum + number) % MpcSum.Modulus));
            (long position, MpcSumParty[] parties) = Begin(numbers);
            Run(parties);
            MpcVerification verification = MpcSum.Verify(_transcript, position, _clock);
            Assert.Equal((MpcState.Done, expected), (verification.State, verification.Total));
            Assert.All(parties,
                party => Assert.Equal((MpcState.Done, expected, verification.Digest), (party.State, party.Total, party.Digest)));
            Leave(parties);
        }
    }

    [Fact]
    public void Concurrent_sessions_in_one_transcript_are_independent()
    {
        (long one, MpcSumParty[] first) = Begin(1, 2, 3);
        (long two, MpcSumParty[] second) = Begin(10, 20, 30);
        Run([.. first.Zip(second, (a, b) => new[] { a, b }).SelectMany(pair => pair)]);
        Assert.Equal((6UL, 60UL), (MpcSum.Verify(_transcript, one).Total, MpcSum.Verify(_transcript, two).Total));
        Leave([.. first, .. second]);
    }

    /// <summary>The revealed sums are the only plaintext numbers; statistically, their distribution does not depend on the
    /// inputs.</summary>
    [Fact]
    public void Revealed_shares_are_uniformly_random()
    {
        const int Sessions = 300;
        int[] ones = new int[61];
        for (int session = 0; session < Sessions; session++)
        {
            (long position, MpcSumParty[] parties) = Begin(5, 5, 5);
            Run(parties);
            ulong shown = Posts(position).Single(post => post.Round == MpcRound.Reveal && post.Party == 1).Number;
            for (int bit = 0; bit < ones.Length; bit++)
            {
                ones[bit] += (int)((shown >> bit) & 1);
            }

            Leave(parties);
        }

        // The range allows seven standard deviations of 300 samples.
        Assert.All(ones, count => Assert.InRange(count, 90, 210));
    }

    /// <summary>
    /// Checks exactly that the view of a coalition is consistent with any other inputs of the remaining parties (at least two) that have
    /// the same total. Adding the differences of the inputs to the shares that one remaining party receives, which the coalition does not
    /// see, yields the same view from other random numbers. The change only adds a constant to these numbers, so each view is equally
    /// likely for all such inputs.
    /// </summary>
    /// <remarks>The commitments and boxes of shares between the remaining parties are not compared: SHA-256 with 32 random bytes, ML-KEM
    /// and AES hide their contents.</remarks>
    [Fact]
    public void Coalition_view_is_consistent_with_all_inputs_of_the_same_total()
    {
        var random = new Random(61);
        for (int turn = 0; turn < LongRun.Count(40, 1_000); turn++)
        {
            int count = random.Next(3, s_keys.Length + 1);
            int[] parties = [.. Enumerable.Range(0, count)];
            random.Shuffle(parties);
            int[] coalition = parties[..random.Next(count - 1)];
            int[] others = parties[coalition.Length..];
            int hiding = others[random.Next(others.Length)];
            ulong[] numbers = Draw(random, count), otherNumbers = [.. numbers];
            ulong[][] drawn = [.. Enumerable.Range(0, count).Select(_ => Draw(random, count - 1))];
            ulong[][] otherDrawn = [.. drawn.Select(row => (ulong[])[.. row])];
            ulong rest = 0;
            foreach (int party in others)
            {
                ulong difference = party == others[^1] ? Field61.Subtract(0, rest) : Draw(random, 1)[0];
                rest = Field61.Add(rest, difference);
                otherNumbers[party] = Field61.Add(numbers[party], difference);

                // The share of the last party makes the shares add up, so the difference is applied to that share automatically.
                if (hiding < count - 1)
                {
                    otherDrawn[party][hiding] = Field61.Add(drawn[party][hiding], difference);
                }
            }

            long session = MpcSum.Start(_appender, Parties(count), Deadline);
            Assert.NotEqual(numbers, otherNumbers);
            Assert.Equal(Seen(session, numbers, drawn, coalition), Seen(session, otherNumbers, otherDrawn, coalition));
        }

        static ulong[] Draw(Random random, int count) =>
            [.. Enumerable.Range(0, count).Select(_ => (ulong)random.NextInt64((long)Field61.Modulus))];
    }

    /// <summary>The combined view of several parties of a session: the shares they receive, the complaints, and everything that is revealed
    /// at the end.</summary>
    private List<string> Seen(long session, ulong[] numbers, ulong[][] drawn, int[] coalition)
    {
        MpcBoard board = Board(session);
        MpcSecrets[] secrets = [.. numbers.Select((number, party) => new MpcSecrets(numbers.Length, party, number, From(drawn[party])))];
        List<string> seen = [];
        while (board.State == MpcState.Running)
        {
            MpcRound round = board.Round;
            for (int party = 0; party < numbers.Length; party++)
            {
                byte[] body = secrets[party].CreatePost(board, s_keys[party]);
                board.Take(new MpcPost(board.Start.Session, party, round, board.Digest, body, []), _clock.UtcNanos);
                seen.AddRange(round switch
                {
                    MpcRound.Check => [$"{party} complains: {Convert.ToHexStringLower(body)}"],
                    MpcRound.Reveal => [$"{party} shows {BinaryPrimitives.ReadUInt64LittleEndian(body)}"],
                    _ => Array.Empty<string>(),
                });
            }

            if (round == MpcRound.Share)
            {
                seen.AddRange(
                    coalition.SelectMany(receiver =>
                        numbers.Select((_, dealer) => $"{dealer} gives {receiver} {Share(board, dealer, receiver)}")));
            }
        }

        Array.ForEach(secrets, one => one.Dispose());
        seen.Add($"together {board.Total}");
        return seen;
    }

    private static Func<ulong> From(ulong[] numbers)
    {
        int next = 0;
        return () => numbers[next++];
    }

    private static ulong Share(MpcBoard board, int dealer, int receiver)
    {
        Assert.True(EncryptedShare.TryOpen(
            s_keys[receiver], board.Start.Digest, dealer, receiver, board.BoxOf(dealer, receiver), out ulong share,
            new byte[EncryptedShare.BlindBytes], new byte[EncryptedShare.KeyBytes]));
        return share;
    }

    [Fact]
    public void Shares_are_encrypted_and_only_the_receiver_can_open_them()
    {
        using var secrets = new MpcSecrets(3, 0, 7);
        long session = MpcSum.Start(_appender, Parties(3), Deadline);
        using QueueTailer tailer = _transcript.CreateTailer();
        MpcBoard board = Board(session);
        byte[] body = secrets.CreatePost(board, s_keys[0]);
        byte[] blind = new byte[EncryptedShare.BlindBytes];
        byte[] key = new byte[EncryptedShare.KeyBytes];
        ulong sum = 0;
        for (int receiver = 0; receiver < 3; receiver++)
        {
            ReadOnlySpan<byte> box = body.AsSpan((3 * MpcHash.Bytes) + (receiver * EncryptedShare.Bytes), EncryptedShare.Bytes);
            Assert.True(EncryptedShare.TryOpen(s_keys[receiver], board.Start.Digest, 0, receiver, box, out ulong share, blind, key));
            sum = Field61.Add(sum, share);
            byte[] clear = new byte[8];
            BinaryPrimitives.WriteUInt64LittleEndian(clear, share);
            Assert.Equal(-1, body.AsSpan().IndexOf(clear));
            Assert.False(EncryptedShare.TryOpen(s_keys[(receiver + 1) % 3], board.Start.Digest, 0, receiver, box, out _, blind, key));
            Assert.False(EncryptedShare.TryOpen(s_keys[receiver], board.Start.Digest, 1, receiver, box, out _, blind, key));
            byte[] changed = [.. box];
            changed[^20] ^= 1;
            Assert.False(EncryptedShare.TryOpen(s_keys[receiver], board.Start.Digest, 0, receiver, changed, out _, blind, key));
        }

        Assert.Equal(7UL, sum);
    }

    /// <summary>Changes one byte anywhere in the posts: the session must end with the same total, or be aborted with a party
    /// named.</summary>
    [Fact]
    public void Changed_transcript_yields_the_same_total_or_none()
    {
        (long position, MpcSumParty[] parties) = Begin(1, 2, 3);
        Run(parties);
        Leave(parties);
        List<byte[]> messages = [];
        using (QueueTailer tailer = _transcript.CreateTailer())
        {
            while (tailer.TryRead(out QueueMessage message))
            {
                messages.Add(message.Payload.ToArray());
            }
        }

        var random = new Random(4);
        int done = 0, aborted = 0;
        for (int turn = 0; turn < LongRun.Count(2_000, 100_000); turn++)
        {
            int changed = random.Next(1, messages.Count);
            MpcBoard board = Board(position);
            for (int i = 1; i < messages.Count; i++)
            {
                byte[] bytes = [.. messages[i]];
                if (i == changed)
                {
                    // In half of the cases changes one of the first 120 bytes, otherwise any byte.
                    bytes[random.Next(random.Next(2) == 0 ? 120 : bytes.Length)] ^= (byte)(1 << random.Next(8));
                }

                if (MpcPost.TryRead(bytes, out MpcPost post))
                {
                    board.Take(in post, _clock.UtcNanos);
                }
            }

            board.ExpireIfDue(Deadline + 1);
            Assert.True(board.State == MpcState.Done ? board.Total == 6 : board.Abort!.Party is >= 0 and < 3);
            done += board.State == MpcState.Done ? 1 : 0;
            aborted += board.State == MpcState.Aborted ? 1 : 0;
        }

        Assert.True(done > 0 && aborted > 0, $"{done} done, {aborted} aborted: the change shows one side only");
    }

    /// <summary>A violation by a party, and the reason reported for it.</summary>
    [Theory]
    [InlineData(nameof(MpcRound.Share), "cut", "wrong length")]
    [InlineData(nameof(MpcRound.Check), "cut", "an invalid check")]
    [InlineData(nameof(MpcRound.Commit), "cut", "wrong length")]
    [InlineData(nameof(MpcRound.Reveal), "cut", "changed its share of the total")]
    [InlineData(nameof(MpcRound.Reveal), "change", "changed its share of the total")]
    [InlineData(nameof(MpcRound.Share), "twice", "two different messages in round Share")]
    [InlineData(nameof(MpcRound.Check), "twice", "two different messages in round Check")]
    [InlineData(nameof(MpcRound.Commit), "twice", "two different messages in round Commit")]
    [InlineData(nameof(MpcRound.Commit), "early", "out of turn")]
    [InlineData(nameof(MpcRound.Commit), "elsewhere", "of another transcript")]
    public void Every_party_names_a_dishonest_party(string round, string how, string reason)
    {
        (long position, MpcSumParty[] parties) = Begin([1, 2, 3, 4], cheats: 2);
        var cheat = new DishonestParty(this, position, 2, Enum.Parse<MpcRound>(round), how);
        Run(parties, cheat);
        AssertAborted(position, parties, party: 2, accusedBy: -1, reason);
        Leave(parties);
    }

    [Fact]
    public void Dealer_must_reveal_a_disputed_share_and_is_named_if_it_does_not_match()
    {
        (long position, MpcSumParty[] parties) = Begin([1, 2, 3, 4], cheats: 2);
        Run(parties, new DishonestParty(this, position, 2, MpcRound.Share, "commitment"));
        AssertAborted(position, parties, party: 2, accusedBy: -1, "changed a share");
        Leave(parties);
    }

    [Fact]
    public void An_undecryptable_share_is_revealed_and_the_total_is_correct()
    {
        (long position, MpcSumParty[] parties) = Begin([1, 2, 3, 4], cheats: 2);
        Run(parties, new DishonestParty(this, position, 2, MpcRound.Share, "box") { Number = 3 });
        Assert.Equal((MpcState.Done, 10UL),
            (MpcSum.Verify(_transcript, position, _clock).State, MpcSum.Verify(_transcript, position, _clock).Total));
        Assert.Single(Posts(position), post => post.Round == MpcRound.Answer);
        Leave(parties);
    }

    [Fact]
    public void Unfounded_complaint_changes_nothing()
    {
        (long position, MpcSumParty[] parties) = Begin([1, 2, 3, 4], cheats: 2);
        Run(parties, new DishonestParty(this, position, 2, MpcRound.Check, "complain") { Number = 3 });
        Assert.Equal((MpcState.Done, 10UL),
            (MpcSum.Verify(_transcript, position, _clock).State, MpcSum.Verify(_transcript, position, _clock).Total));
        Leave(parties);
    }

    [Fact]
    public void A_post_without_a_valid_key_is_detected()
    {
        (long position, MpcSumParty[] parties) = Begin([1, 2, 3, 4], cheats: 2);
        Run(parties, new DishonestParty(this, position, 2, MpcRound.Check, "forge"));
        MpcVerification verification = MpcSum.Verify(_transcript, position, _clock);
        Assert.Equal((MpcState.Aborted, 2), (verification.State, verification.Abort!.Party));
        Assert.InRange(verification.Abort.AccusedBy, 0, 3);
        Assert.Contains("not authentic", verification.Abort.Reason, StringComparison.Ordinal);
        Leave(parties);
    }

    [Fact]
    public void A_forged_post_is_detected_by_its_alleged_author()
    {
        (long position, MpcSumParty[] parties) = Begin([1, 2, 3, 4], cheats: 3);
        var impostor = new DishonestParty(this, position, 3, MpcRound.Share, "as 0");
        impostor.Step();
        Run(parties, impostor);
        MpcVerification verification = MpcSum.Verify(_transcript, position, _clock);
        Assert.Equal((MpcState.Aborted, 0, 0), (verification.State, verification.Abort!.Party, verification.Abort.AccusedBy));
        Assert.Contains("another process posts in the name of party 0", verification.Abort.Reason, StringComparison.Ordinal);
        Leave(parties);
    }

    [Fact]
    public void Silent_party_is_named_at_the_deadline()
    {
        (long position, MpcSumParty[] parties) = Begin([1, 2, 3, 4], cheats: 2);
        Run(parties);
        Assert.All(parties, party => Assert.Equal(MpcState.Running, party.State));
        _clock.UtcNanos = Deadline + 1;
        Run(parties);
        AssertAborted(position, parties, party: 2, accusedBy: -1, "nothing in round Share until the deadline");
        Leave(parties);
    }

    private long Deadline { get; } = SystemClock.Instance.UtcNanos + (3_600L * 1_000_000_000);

    private static MpcParty[] Parties(int count) =>
        [.. s_keys.Take(count).Select((key, i) => new MpcParty(string.Create(CultureInfo.InvariantCulture, $"party {i}"), key.PublicKey))];

    private MpcSumParty Join(long session, int party, ulong number, int count = 3) =>
        new(_transcript, session, Parties(count), party, s_keys[party], number, _clock);

    private (long Session, MpcSumParty[] Parties) Begin(params ulong[] numbers) => Begin(numbers, cheats: -1);

    private (long Session, MpcSumParty[] Parties) Begin(ulong[] numbers, int cheats)
    {
        long session = MpcSum.Start(_appender, Parties(numbers.Length), Deadline);
        return (session,
            [.. Enumerable.Range(0, numbers.Length).Where(party => party != cheats)
                .Select(party => Join(session, party, numbers[party], numbers.Length))]);
    }

    private static void Run(MpcSumParty[] parties, DishonestParty? cheat = null)
    {
        for (int turn = 0; turn < 12; turn++)
        {
            cheat?.Step();
            foreach (MpcSumParty party in parties)
            {
                party.Step();
            }
        }
    }

    private static void Leave(MpcSumParty[] parties)
    {
        foreach (MpcSumParty party in parties)
        {
            party.Dispose();
        }
    }

    private void AssertAborted(long session, MpcSumParty[] parties, int party, int accusedBy, string reason)
    {
        MpcVerification verification = MpcSum.Verify(_transcript, session, _clock);
        Assert.Equal((MpcState.Aborted, party, accusedBy), (verification.State, verification.Abort!.Party, verification.Abort.AccusedBy));
        Assert.Contains(reason, verification.Abort.Reason, StringComparison.Ordinal);
        Assert.All(parties, honest => Assert.Equal((MpcState.Aborted, verification.Abort), (honest.State, honest.Abort)));
    }

    private MpcBoard Board(long session)
    {
        using QueueTailer tailer = _transcript.CreateTailer();
        return new MpcBoard(MpcStart.Read(tailer, session));
    }

    private List<(int Party, MpcRound Round, ulong Number)> Posts(long session)
    {
        List<(int, MpcRound, ulong)> posts = [];
        byte[] id = Board(session).Start.Session;
        using QueueTailer tailer = _transcript.CreateTailer();
        while (tailer.TryRead(out QueueMessage message))
        {
            if (Message.TryView(message.Payload, message.Position, out MpcPostRecord.View record) && record.Session.SequenceEqual(id))
            {
                posts.Add((record.Party, record.Round, record.Body.Length >= 8 ? BinaryPrimitives.ReadUInt64LittleEndian(record.Body) : 0));
            }
        }

        return posts;
    }

    /// <summary>A party that follows the rules except in one round.</summary>
    private sealed class DishonestParty
    {
        private readonly MpcSumTests _test;
        private readonly MpcBoard _board;
        private readonly int _party;
        private readonly MpcRound _round;
        private readonly string _how;
        private readonly HashSet<MpcRound> _posted = [];
        private readonly QueueTailer _tailer;
        private MpcSecrets? _secrets;

        public DishonestParty(MpcSumTests test, long session, int party, MpcRound round, string how)
        {
            (_test, _party, _round, _how) = (test, party, round, how);
            _tailer = test._transcript.CreateTailer();
            _board = new MpcBoard(MpcStart.Read(_tailer, session));
        }

        public ulong Number { get; init; } = 3;

        public void Step()
        {
            _secrets ??= new MpcSecrets(_board.Parties, _party, Number);
            while (_tailer.TryRead(out QueueMessage message))
            {
                if (MpcPost.TryRead(message.Payload, out MpcPost post))
                {
                    _board.Take(in post, message.Time);
                }
            }

            if (!_board.IsDue(_party) || !_posted.Add(_board.Round))
            {
                return;
            }

            byte[] body = _secrets.CreatePost(_board, s_keys[_party]);
            if (_board.Round == _round)
            {
                PostWrongly(body);
            }
            else
            {
                Post(_board.Round, body);
            }
        }

        private void PostWrongly(byte[] body)
        {
            byte[] wrong = [.. body];
            switch (_how)
            {
                case "cut":
                    Post(_round, body.AsSpan(0, body.Length - 1));
                    return;
                case "change":
                    wrong[0] ^= 1;
                    break;
                case "early":
                    Post(MpcRound.Reveal, new byte[MpcCommitmentOpening.Bytes]);
                    return;
                case "elsewhere":
                    new MpcPoster(new MpcBoard(_board.Start), _secrets!, _party, _test._appender).Post(_round, body);
                    return;
                case "twice":
                    Post(_round, body);
                    wrong[(_party + 1) % _board.Parties] ^= 1;
                    break;
                case "commitment":
                    wrong[0] ^= 1;
                    break;
                case "box":
                    wrong[(_board.Parties * MpcHash.Bytes) + EncryptedShare.Bytes - 1] ^= 1;
                    break;
                case "complain":
                    wrong[0] = 1;
                    break;
                case "forge":
                    using (var nobody = new MpcSecrets(_board.Parties, _party, 0))
                    {
                        new MpcPoster(_board, nobody, _party, _test._appender).Post(_round, body);
                    }

                    return;
                case "as 0":
                    new MpcPoster(_board, _secrets!, 0, _test._appender).Post(_round, body);
                    break;
                default:
                    throw new ArgumentException(_how);
            }

            Post(_round, wrong);
        }

        private void Post(MpcRound round, ReadOnlySpan<byte> body) =>
            new MpcPoster(_board, _secrets!, _party, _test._appender).Post(round, body);
    }
}
