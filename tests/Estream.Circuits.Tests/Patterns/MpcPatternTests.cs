using Estream.Circuits.Testing;
using Estream.Core;
using Estream.Crypto;
using Estream.Esf;
using Estream.Map;
using Estream.Queue;
using Estream.Streams;
using Estream.Streams.Mpc;
using Estream.Streams.Pipelines;
using Estream.Streams.Pipelines.Running;
using Estream.Streams.Tests.Declared;
using Estream.Testing;
using Estream.Witness.Tests.Support;

namespace Estream.Circuits.Tests.Patterns;

/// <summary>With <c>stream_pattern: mpc_session</c>, results are numbers that the party of the runtime enters in sessions.</summary>
public sealed class MpcPatternTests : CircuitCase
{
    private const int Parties = 3;
    private const int MostSessions = 16;
    private const int SegmentBytes = 4 << 20;

    private static readonly Circuit s_circuit = Read("""
        escir_version: "0.8.0"
        name: acme.salaries.v1
        version: "1.0.0"
        types:
          - name: Number
            fields:
              - { name: session, type: i64 }
              - { name: number, type: i64 }
        inputs: [{ name: in, type: Number }]
        outputs: [{ name: salaries, type: Number }]
        compute: [{ id: all, type: filter, when: "true" }]
        flows: [in -> all -> salaries]
        annotations: { stream_pattern: mpc_session }
        rejected: bad
        """).Circuit!;

    private static readonly MlKem1024PrivateKey[] s_keys =
        [.. Enumerable.Range(0, Parties + 1).Select(_ => MlKem1024PrivateKey.Generate())];

    private static readonly MpcParty[] s_parties =
        [.. s_keys[..Parties].Select((key, party) => new MpcParty($"party {party}", key.PublicKey))];

    private readonly HookedStorage _storage = new();
    private readonly EstreamQueue _transcript;
    private readonly Host[] _hosts;

    public MpcPatternTests()
    {
        _transcript = EstreamQueue.Open(Directory.Combine("transcript"),
            new QueueOptions { SegmentBytes = SegmentBytes, Storage = _storage });
        _hosts = [.. Enumerable.Range(0, Parties).Select(party => new Host(Directory.Combine($"host {party}"), _transcript, party))];
    }

    public override void Dispose()
    {
        Array.ForEach(_hosts, host => host.Dispose());
        _transcript.Dispose();
        base.Dispose();
    }

    [Fact]
    public async Task Circuits_of_three_runtimes_find_the_sum_of_their_numbers()
    {
        long[] sessions = [StartSession(), StartSession(), StartSession()];
        CircuitRuntime[] runtimes = [.. _hosts.Select(host => new CircuitRuntime(new CircuitRuntimeOptions { Resources = host }))];
        try
        {
            Array.ForEach(runtimes, runtime => runtime.Run(s_circuit));
            for (int party = 0; party < Parties; party++)
            {
                foreach (long session in sessions)
                {
                    _hosts[party].Append(session, (1_000 * (party + 1)) + session);
                }
            }

            Eventually.True(() => Array.TrueForAll(sessions, session => State(session) != MpcState.Running), "the sessions are over");
            Assert.All(sessions, session => Assert.Equal(6_000UL + (3 * (ulong)session), MpcSum.Verify(_transcript, session).Total));
            Assert.All(runtimes, runtime => Assert.Null(runtime.Circuits[0].Failure));
        }
        finally
        {
            foreach (CircuitRuntime runtime in runtimes)
            {
                await runtime.DisposeAsync();
            }
        }

        Assert.Equal(3 + (3 * 3 * 4), MessagesInTranscript());
    }

    [Fact]
    public void The_example_in_the_format_page_makes_numbers()
    {
        CircuitReadResult read = Read(FormatPage.Example("stream_pattern: mpc_session }"));
        Assert.Empty(read.Diagnostics);
        const string Vectors = """
            { "vectors": [ {
              "name": "a payslip",
              "inputs": { "payslips": [ { "session": "64", "base": "50000", "bonus": "2000" } ] },
              "outputs": { "salaries": [ { "session": "64", "number": "52000" } ] } } ] }
            """;
        CircuitVector vector = Assert.Single(
            CircuitVectors.Read(System.Text.Encoding.UTF8.GetBytes(Vectors), "page", read.Circuit!, read.Schemas));
        Assert.Empty(vector.Run());
    }

    [Fact]
    public void The_first_number_of_a_session_counts()
    {
        long session = StartSession();
        Array.ForEach(_hosts, host => host.Append(session, 5));
        _hosts[0].Append(session, 7);
        StepUntilOver(session);
        _hosts[1].Append(session, 7);
        Array.ForEach(_hosts, host => host.Step());
        Assert.Equal(15UL, MpcSum.Verify(_transcript, session).Total);
        Assert.Equal(1 + (3 * 4), MessagesInTranscript());
    }

    [Fact]
    public void Numbers_that_cannot_be_entered_are_rejected()
    {
        long session = StartSession();
        long others = StartSession(1, 0, 2);
        long strangers = StartSession(0, 1, 3);
        Host host = _hosts[0];
        host.Append(session, -1);
        host.Append(session, (long)MpcSum.Modulus);
        host.Append(session + 8, 1);
        host.Append(-1, 1);
        host.Append(1 << 30, 1);
        host.Append(others, 1);
        host.Append(strangers, 1);
        Assert.Equal(7, host.Step());
        Assert.Equal(3, MessagesInTranscript());
        string[] reasons = host.Reasons();
        Assert.Equal(2, reasons.Count(reason => reason.Contains("not from 0 to 2^61 - 2", StringComparison.Ordinal)));
        Assert.Equal(5, reasons.Count(reason => reason.Contains("no session of the configured parties", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_cheater_is_named_and_the_circuits_go_on()
    {
        long session = StartSession();
        _hosts[0].Append(session, 1);
        _hosts[1].Append(session, 2);
        _hosts[0].Step();
        _hosts[1].Step();
        using (MpcSumParty cheater = new(_transcript, session, s_parties, 2, s_keys[2], 3))
        {
            cheater.Step();
        }

        // A second process of the party posts other shares in the same round.
        PostSharesAgain(session, party: 2);
        StepUntilOver(session);
        MpcAbort abort = MpcSum.Verify(_transcript, session).Abort!;
        Assert.Equal((2, -1, "posted two different messages in round Share"), (abort.Party, abort.AccusedBy, abort.Reason));

        long next = StartSession();
        Array.ForEach(_hosts, host => host.Append(next, 10));
        StepUntilOver(next);
        Assert.Equal(30UL, MpcSum.Verify(_transcript, next).Total);
    }

    [Fact]
    public void A_silent_party_is_named_at_the_deadline_and_its_session_gives_its_place_to_the_next()
    {
        _hosts[0].Step();
        long deadline = SystemClock.Instance.UtcNanos + 2_000_000_000;
        long[] silent = [.. Enumerable.Range(0, MostSessions).Select(_ => StartSession(deadline))];
        long next = StartSession();
        Array.ForEach(silent, session => _hosts[0].Append(session, 1));
        _hosts[0].Append(next, 1);
        _hosts[0].Step();
        Assert.Equal(1, _hosts[0].Waiting);
        Eventually.True(
            () =>
            {
                _hosts[0].Step();
                return _hosts[0].Waiting == 0;
            },
            "the waiting number is entered");
        Assert.All(silent, session => Assert.Contains("until the deadline", MpcSum.Verify(_transcript, session).Abort!.Reason,
            StringComparison.Ordinal));
        Assert.Equal(MpcState.Running, State(next));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_restarted_party_aborts_its_unfinished_session_and_never_posts_twice_in_a_round(int posts)
    {
        long session = StartSession();
        Array.ForEach(_hosts, host => host.Append(session, 4));
        if (posts == 1)
        {
            _hosts[0].Step();
        }

        while (PostsOf(session, party: 0).Count < posts)
        {
            // In this order, party 1 always has to post before party 0 can post again.
            _hosts[1].Step();
            _hosts[2].Step();
            _hosts[0].Step();
        }

        Assert.Equal(posts, PostsOf(session, party: 0).Count);
        _hosts[0].Restart();
        StepUntilOver(session);
        MpcAbort abort = MpcSum.Verify(_transcript, session).Abort!;
        Assert.Equal((0, 0, "another process posts in the name of party 0"), (abort.Party, abort.AccusedBy, abort.Reason));
        List<MpcRound> rounds = PostsOf(session, party: 0);
        Assert.Equal(rounds.Count, rounds.Distinct().Count());
    }

    [Fact]
    public void A_restarted_party_that_has_posted_its_sum_does_not_abort()
    {
        long session = StartSession();
        Array.ForEach(_hosts, host => host.Append(session, 4));
        _hosts[0].Step();
        while (PostsOf(session, party: 0).Count < 4)
        {
            _hosts[1].Step();
            _hosts[2].Step();
            _hosts[0].Step();
        }

        Assert.Equal(MpcState.Running, State(session));
        _hosts[0].Restart();

        // The sender repeats the number.
        _hosts[0].Append(session, 4);
        _hosts[0].Step();
        StepUntilOver(session);
        Assert.Equal(12UL, MpcSum.Verify(_transcript, session).Total);
    }

    /// <summary>A crash after the shares were posted and before the read position was committed.</summary>
    [Fact]
    public void A_number_that_is_read_again_after_a_crash_is_not_entered_again()
    {
        long session = StartSession();
        using (MpcSumParty earlier = new(_transcript, session, s_parties, 0, s_keys[0], 4))
        {
            earlier.Step();
        }

        Array.ForEach(_hosts, host => host.Append(session, 4));
        StepUntilOver(session);
        Assert.Equal(MpcState.Aborted, State(session));
        Assert.Equal([MpcRound.Share, MpcRound.Abort], PostsOf(session, party: 0));
    }

    /// <summary>A restart after numbers were read and before their shares were posted.</summary>
    [Fact]
    public void A_number_whose_shares_could_not_be_posted_is_entered_after_a_restart()
    {
        long[] sessions = [StartSession(), StartSession()];
        Array.ForEach(_hosts, host => host.Step());
        Array.ForEach(sessions, session => Array.ForEach(_hosts, host => host.Append(session, 4)));
        FillTranscript();
        Assert.Throws<EstreamStorageException>(() => _hosts[0].Step());
        Assert.Throws<EstreamStorageException>(() => _hosts[0].Step());
        Assert.All(sessions, session => Assert.Empty(PostsOf(session, party: 0)));
        _hosts[0].Restart();
        _storage.OnCreateRegion = null;
        Array.ForEach(sessions, StepUntilOver);
        Assert.All(sessions, session => Assert.Equal(12UL, MpcSum.Verify(_transcript, session).Total));
    }

    /// <summary>After a crash, the part of the transcript that tells the progress of the party is deleted.</summary>
    [Fact]
    public void A_crashed_party_starts_even_if_retention_has_deleted_its_last_posts()
    {
        long session = StartSession();
        Array.ForEach(_hosts, host => host.Append(session, 4));
        StepUntilOver(session);
        _hosts[0].Crash();
        Array.ForEach(_hosts, host => host.Restart());
        FillTranscript();
        _storage.OnCreateRegion = null;
        long next = StartSession();
        Assert.True(_transcript.ReclaimBefore(next).Segments > 0);
        Array.ForEach(_hosts, host => host.Append(next, 5));
        StepUntilOver(next);
        Assert.Equal(15UL, MpcSum.Verify(_transcript, next).Total);
        Assert.Empty(_hosts[0].Reasons());
    }

    [Fact]
    public void A_number_for_a_session_that_retention_has_deleted_is_ignored()
    {
        long session = StartSession();
        FillTranscript();
        _storage.OnCreateRegion = null;
        long next = StartSession();
        Assert.True(_transcript.ReclaimBefore(next).Segments > 0);
        _hosts[0].Append(session, 1);
        Array.ForEach(_hosts, host => host.Append(next, 4));
        StepUntilOver(next);
        Assert.Equal(12UL, MpcSum.Verify(_transcript, next).Total);
        Assert.Equal(0, _hosts[0].Step());
        Assert.Empty(_hosts[0].Reasons());
    }

    /// <summary>The reference of a field points beyond the message.</summary>
    [Theory]
    [InlineData(56)]
    [InlineData(64)]
    public void A_start_that_is_not_valid_does_not_stop_the_circuits(int reference)
    {
        long session = StartSession();
        long damaged = AppendDamagedStart(session, reference);
        _hosts[0].Append(damaged, 4);
        Array.ForEach(_hosts, host => host.Append(session, 4));
        StepUntilOver(session);
        Assert.Equal(12UL, MpcSum.Verify(_transcript, session).Total);
        Assert.Throws<EstreamFormatException>(() => MpcSum.Verify(_transcript, damaged));
        Assert.Contains("no session of the configured parties", Assert.Single(_hosts[0].Reasons()), StringComparison.Ordinal);
    }

    /// <summary>A position in the transcript can be that of a frame without a message; reading it returns the next message.</summary>
    [Fact]
    public void A_position_before_the_start_of_a_session_does_not_name_the_session()
    {
        long before = _transcript.EndPosition();
        using (QueueAppender appender = _transcript.CreateAppender())
        {
            appender.Claim(64).Dispose();
        }

        long session = StartSession();
        Assert.NotEqual(before, session);
        _hosts[0].Append(before, 4);
        Assert.Equal(1, _hosts[0].Step());
        Assert.Empty(PostsOf(session, party: 0));
    }

    [Fact]
    public void An_identity_needs_the_key_of_one_of_its_parties()
    {
        Assert.Equal(1, new MpcIdentity(s_parties, s_keys[1]).Party);
        Assert.Contains("belongs to none of the parties party 0, party 1, party 2",
            Assert.Throws<ArgumentException>(() => new MpcIdentity(s_parties, s_keys[3])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new MpcIdentity(s_parties[..2], s_keys[1]));
        Assert.Throws<ArgumentException>(() => new MpcIdentity([.. s_parties, s_parties[0]], s_keys[1]));
    }

    [Fact]
    public void A_runtime_without_an_identity_refuses_the_circuit()
    {
        _hosts[0].Party = null;
        Assert.Contains("is not a party of the sessions of 'salaries'",
            Assert.Throws<EstreamKeyException>(() => s_circuit.Pipelines[0].Open(_hosts[0])).Message, StringComparison.Ordinal);
    }

    private long StartSession(long? deadline = null) => StartSession([0, 1, 2], deadline);

    private long StartSession(params int[] parties) => StartSession(parties, null);

    private long StartSession(int[] parties, long? deadline)
    {
        using QueueAppender appender = _transcript.CreateAppender();
        return MpcSum.Start(appender, [.. parties.Select(party => new MpcParty($"party {party}", s_keys[party].PublicKey))],
            deadline ?? (SystemClock.Instance.UtcNanos + (3_600L * 1_000_000_000)));
    }

    private int MessagesInTranscript()
    {
        using QueueTailer tailer = _transcript.CreateTailer();
        int count = 0;
        while (tailer.TryRead(out _))
        {
            count++;
        }

        return count;
    }

    // Appends other messages until there is no room for shares.
    private void FillTranscript()
    {
        _storage.OnCreateRegion = path => throw new EstreamStorageException("the disk is full", path, StorageFailure.DiskFull);
        using QueueAppender appender = _transcript.CreateAppender();
        EstreamStorageException? full = null;
        while (full is null)
        {
            full = Xunit.Record.Exception(() => appender.Append(new byte[1_024])) as EstreamStorageException;
        }
    }

    private long AppendDamagedStart(long session, int reference)
    {
        using QueueTailer tailer = _transcript.CreateTailer();
        tailer.Seek(session);
        Assert.True(tailer.TryRead(out QueueMessage message));
        byte[] bytes = message.Payload.ToArray();
        bytes.AsSpan(reference, 8).Fill(0x7F);
        using QueueAppender appender = _transcript.CreateAppender();
        return appender.Append(bytes);
    }

    private MpcState State(long session) => MpcSum.Verify(_transcript, session).State;

    private void StepUntilOver(long session)
    {
        for (int step = 0; State(session) == MpcState.Running; step++)
        {
            Assert.True(step < 100, "the session does not end");
            Array.ForEach(_hosts, host => host.Step());
        }
    }

    private List<MpcRound> PostsOf(long session, int party)
    {
        using QueueTailer tailer = _transcript.CreateTailer();
        byte[] id = MpcStart.Read(tailer, session).Session;
        List<MpcRound> rounds = [];
        while (tailer.TryRead(out QueueMessage message))
        {
            if (MpcPost.TryRead(message.Payload, out MpcPost post) && post.Party == party && post.Session.SequenceEqual(id))
            {
                rounds.Add(post.Round);
            }
        }

        return rounds;
    }

    private void PostSharesAgain(long session, int party)
    {
        using QueueTailer tailer = _transcript.CreateTailer();
        MpcBoard board = new(MpcStart.Read(tailer, session));
        using MpcSecrets secrets = new(Parties, party, 9);
        using QueueAppender appender = _transcript.CreateAppender();
        new MpcPoster(board, secrets, party, appender).Post(MpcRound.Share, secrets.CreatePost(board, s_keys[party]));
    }

    /// <summary>The resources of one party, with a transcript that all parties share.</summary>
    private sealed class Host : IPipelineResources, IDisposable
    {
        private readonly Resources _resources;
        private readonly EstreamQueue _transcript;
        private RunningPipeline? _running;

        public Host(string root, EstreamQueue transcript, int party)
        {
            _resources = new Resources(root);
            _transcript = transcript;
            Party = new MpcIdentity(s_parties, s_keys[party]);
        }

        public MpcIdentity? Party { get; set; }

        /// <summary>The number of messages that the circuit has not read.</summary>
        public long Waiting => Queue("in").GetInfo().NextSequence - _running!.Results.Read;

        public EstreamQueue Queue(string name) => name == "salaries" ? _transcript : _resources.Queue(name);

        public MpcIdentity Identity(string transcript) => Party
            ?? throw new EstreamKeyException($"This program is not a party of the sessions of '{transcript}'.", null);

        public StateMap<Utf8Key64, LatestEntry> Map(string name) => _resources.Map(name);

        public string StateDirectory(string pipeline) => _resources.StateDirectory(pipeline);

        public EsfSealer Sealer(EsfSchema schema) => _resources.Sealer(schema);

        public void Append(long session, long number)
        {
            EsfSchema schema = s_circuit.Inputs[0].Schema;
            EsfMessageBuilder builder = EsfMessageBuilder.Begin(schema, new byte[200]);
            Assert.True(builder.TrySet(schema.Fields[0], (Int128)session) && builder.TrySet(schema.Fields[1], (Int128)number));
            Assert.True(builder.TryFinish(out ReadOnlySpan<byte> message));
            using QueueAppender appender = Queue("in").CreateAppender();
            appender.Append(message);
        }

        /// <summary>Runs the circuit over all messages.</summary>
        /// <returns>The number of rejected messages since the start.</returns>
        public long Step()
        {
            _running ??= Assert.Single(s_circuit.Pipelines).Open(this);
            _running.Results.RunToEnd();
            _running.Rejects[0].RunToEnd();
            return _running.Rejected;
        }

        public void Restart()
        {
            _running?.Dispose();
            _running = null;
        }

        /// <summary>Closes the circuit and leaves its cursors as a crash does.</summary>
        public void Crash()
        {
            string[] cursors = System.IO.Directory.GetFiles(Path.Combine(Queue("in").Directory, "tailers"), "*.cursor");
            Assert.NotEmpty(cursors);
            byte[][] contents = [.. cursors.Select(ReadInUse)];
            Restart();
            foreach ((string cursor, byte[] content) in cursors.Zip(contents))
            {
                File.WriteAllBytes(cursor, content);
            }
        }

        public string[] Reasons()
        {
            using QueueTailer tailer = Queue("bad").CreateTailer();
            List<string> reasons = [];
            while (tailer.TryRead(out QueueMessage message))
            {
                reasons.Add(EsfJson.ToText(DeadLetterMessage.Schema, message.Payload));
            }

            return [.. reasons];
        }

        public void Dispose()
        {
            _running?.Dispose();
            _resources.Dispose();
        }

        // The running circuit has locked the file.
        private static byte[] ReadInUse(string path)
        {
            using MemoryRegion region = FileStorage.Instance.OpenRegion(path, RegionAccess.ReadOnly);
            return region.All.ReadOnlySpan(0, (int)region.Length).ToArray();
        }
    }
}
