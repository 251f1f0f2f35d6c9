using System.Globalization;
using Estream.Core;
using Estream.Crypto;
using Estream.Queue;
using Estream.Streams.Mpc;
using Estream.Streams.TestProcess.Patterns;
using Estream.Testing;

namespace Estream.Streams.Tests.Patterns;

/// <summary>
/// A party whose process crashes cannot continue (docs/guides/streams.md): its posts count, and if posts are missing, the session ends
/// without a total and names the party. After a restart the party never posts different values in a round, because two splits of one number
/// into shares could reveal the number.
/// </summary>
public sealed class MpcKillTests : IDisposable
{
    /// <summary>The number of posts of each party if there are no complaints.</summary>
    private const int AllPosts = 4;

    private static readonly MlKem1024PrivateKey[] s_keys =
        [.. Enumerable.Range(0, MpcProgram.Parties).Select(_ => MlKem1024PrivateKey.Generate())];

    private readonly TempDirectory _directory = new();
    private readonly ManualClock _clock = new(SystemClock.Instance.UtcNanos);
    private readonly EstreamQueue _transcript;
    private readonly MpcSumParty[] _others;
    private readonly long _deadline;
    private readonly long _session;

    public MpcKillTests()
    {
        string place = _directory.Path;
        MpcParty[] parties = [.. s_keys.Select((key, party) => new MpcParty($"party {party}", key.PublicKey))];
        for (int party = 0; party < parties.Length; party++)
        {
            MlKem1024KeyFile.WritePublic(MpcProgram.PublicKeyOf(place, party), s_keys[party].PublicKey);
        }

        MlKem1024KeyFile.WritePrivate(MpcProgram.KeyOf(place), s_keys[MpcProgram.Party]);
        _deadline = _clock.UtcNanos + (3_600L * 1_000_000_000);
        _transcript = EstreamQueue.Open(MpcProgram.TranscriptOf(place), MpcProgram.Options);
        using (QueueAppender appender = _transcript.CreateAppender())
        {
            _session = MpcSum.Start(appender, parties, _deadline);
        }

        File.WriteAllText(MpcProgram.SessionOf(place), _session.ToString(CultureInfo.InvariantCulture));
        _others = [.. Enumerable.Range(0, MpcProgram.Party)
            .Select(party => new MpcSumParty(_transcript, _session, parties, party, s_keys[party], 10UL * (ulong)(party + 1), _clock))];
    }

    public void Dispose()
    {
        Array.ForEach(_others, party => party.Dispose());
        _transcript.Dispose();
        _directory.Dispose();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(AllPosts)]
    public void Restarted_party_posts_nothing_twice(int posts)
    {
        KillBehind(posts);
        StepOthers();
        using (ChildProcess again = Start())
        {
            Begin(again);
            Eventually.True(
                () =>
                {
                    StepOthers();
                    return again.Output.Contains("over: ", StringComparison.Ordinal);
                },
                "it has come to an end");
            Assert.Equal((0, ""), (again.WaitForExit().ExitCode, again.Error));
        }

        StepOthers();

        // A session that had not begun can begin, and a finished session stays finished.
        if (posts is 0 or AllPosts)
        {
            RequireDone();
        }
        else
        {
            RequireAborted(accusedBy: MpcProgram.Party, "another process posts in the name of party 2");
        }

        List<MpcRound> rounds = RoundsPosted(MpcProgram.Party);
        Assert.Equal(posts == 0 ? AllPosts : posts, rounds.Count);
        Assert.Equal(rounds.Count, rounds.Distinct().Count());
    }

    [Theory]
    [InlineData(1, "Check")]
    [InlineData(2, "Commit")]
    [InlineData(3, "Reveal")]
    public void Crashed_party_is_named_at_the_deadline(int posts, string round)
    {
        KillBehind(posts);
        StepOthers();
        StepOthers();
        Assert.Equal(MpcState.Running, MpcSum.Verify(_transcript, _session, _clock).State);
        _clock.UtcNanos = _deadline + 1;
        StepOthers();
        RequireAborted(accusedBy: -1, $"nothing in round {round} until the deadline");
    }

    [Fact]
    public void Posts_of_a_crashed_party_still_count()
    {
        KillBehind(AllPosts);
        StepOthers();
        RequireDone();
    }

    /// <summary>Runs the party until it has posted in a number of rounds, and then kills it.</summary>
    private void KillBehind(int posts)
    {
        using ChildProcess child = Start();
        if (posts > 0)
        {
            Begin(child);
        }

        int said = 0;
        while (said < posts)
        {
            // A party that has not posted in a round keeps all parties from the next round, so the tested party gets exactly this far.
            int[] others = [.. Enumerable.Range(0, _others.Length).Select(other => RoundsPosted(other).Count)];
            int due = 1 + others.Min();
            Eventually.True(() => RoundsPosted(MpcProgram.Party).Count == due, $"the party has posted in {due} rounds");
            said = due;
            if (said < posts)
            {
                _others[Array.IndexOf(others, others.Min())].Step();
            }
        }

        child.Kill();
        Assert.Equal("", child.Error);
    }

    private ChildProcess Start()
    {
        ChildProcess child = ChildProcess.StartDotnet(
            BuiltProgram.Find("tests/Estream.Streams.TestProcess", "Estream.Streams.TestProcess.dll"), ["mpc", _directory.Path]);
        child.WaitForText("running");
        return child;
    }

    private static void Begin(ChildProcess child)
    {
        child.Input.WriteLine();
        child.Input.Flush();
    }

    private void StepOthers() => Array.ForEach(_others, party => party.Step());

    private void RequireDone()
    {
        MpcVerification seen = MpcSum.Verify(_transcript, _session, _clock);
        Assert.Equal((MpcState.Done, 30 + MpcProgram.Number), (seen.State, seen.Total));
        Assert.All(_others, party => Assert.Equal((MpcState.Done, seen.Total, seen.Digest), (party.State, party.Total, party.Digest)));
    }

    private void RequireAborted(int accusedBy, string reason)
    {
        MpcVerification seen = MpcSum.Verify(_transcript, _session, _clock);
        Assert.Equal((MpcState.Aborted, MpcProgram.Party, accusedBy), (seen.State, seen.Abort!.Party, seen.Abort.AccusedBy));
        Assert.Contains(reason, seen.Abort.Reason, StringComparison.Ordinal);
        Assert.All(_others, party => Assert.Equal((MpcState.Aborted, seen.Abort), (party.State, party.Abort)));
    }

    /// <summary>Returns the rounds in which a party has posted, one for each post.</summary>
    private List<MpcRound> RoundsPosted(int party)
    {
        List<MpcRound> rounds = [];
        using QueueTailer tailer = _transcript.CreateTailer();
        while (tailer.TryRead(out QueueMessage message))
        {
            if (MpcPost.TryRead(message.Payload, out MpcPost post) && post.Party == party && post.Round != MpcRound.Abort)
            {
                rounds.Add(post.Round);
            }
        }

        return rounds;
    }
}
