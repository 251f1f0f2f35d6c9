using System.Buffers.Binary;
using Estream.Core;
using Estream.Map;
using Estream.Queue;
using Estream.Witness.Tests.Support;

namespace Estream.Witness.Tests;

/// <summary>Tests attested states of maps. A state follows from the feed, is identical after each restart, and is not attested if it cannot
/// be computed.</summary>
public sealed class StateWitnessTests : StateCase
{
    [Fact]
    public void Each_attestation_has_the_root_of_the_state_after_its_messages()
    {
        AppendEvents(450);
        Witness(Stateful(100));
        RequireRoots(5);
        Assert.True(Verify().IsWhole, Verify().ToString());
        AppendMessage(NaiveState.Event(MapChangeKind.Clear, []));
        Witness(Stateful());
        RequireRoots(6);
        Assert.Equal("0a1e2736777f80a62beb2df72b649878481c0ca10194b832b5136befbae54017",
            Convert.ToHexStringLower(AllAttested()[^1].StateRoot));
        AppendEvents(50);
        Witness(Stateful());
        RequireRoots(7);
        Assert.True(Verify() is { IsWhole: true, Messages: 501 }, Verify().ToString());
    }

    [Fact]
    public void A_reopened_witness_resumes_with_the_same_state()
    {
        for (int round = 0; round < 6; round++)
        {
            AppendEvents(70);
            using QueueWitness witness = QueueWitness.Open(Queue, Attestations, Key, Stateful(40));
            witness.Step();
        }

        Witness(Stateful());
        RequireRoots(Entries().Count);
        Assert.True(Entries().Count > 6 && Verify().IsWhole, Verify().ToString());
    }

    [Fact]
    public void States_can_be_enabled_and_disabled_between_attestations()
    {
        AppendEvents(100);
        Witness();
        Assert.True(Entries()[0].Attestation.StateRoot.IsEmpty);
        Assert.Equal(1, Entries()[0].Attestation.Encoded[8]);
        AppendEvents(100);
        Witness(Stateful());
        AppendEvents(100);
        Witness();
        AppendEvents(100);
        Witness(Stateful());
        Assert.Equal([0, 32, 0, 32], AllAttested().Select(attested => attested.StateRoot.Length));
        Assert.Equal(Roots[199], AllAttested()[1].StateRoot.ToArray());
        Assert.Equal(Roots[399], AllAttested()[3].StateRoot.ToArray());
        Assert.True(Verify().IsWhole, Verify().ToString());
        using WitnessProver prover = new(Queue, Attestations, Key.PublicKey);
        Assert.Equal(WitnessFault.State, Assert.Throws<EstreamWitnessException>(() => prover.ProveState(NaiveState.Key(1), 2)).Fault);
        Assert.Throws<ArgumentOutOfRangeException>("attestation", () => prover.ProveState(NaiveState.Key(1), 4));
        Assert.NotEqual(StateAnswer.Unproven, prover.ProveState(NaiveState.Key(1)).Verify(Queue.Id, Key.PublicKey));
    }

    // The changed message is before the messages that opening a witness checks again, so only the state reveals the change.
    [Fact]
    public void A_changed_message_anywhere_in_the_feed_is_detected()
    {
        AppendMessage(NaiveState.Put(NaiveState.Key(1_000), [1, 2, 3]));
        AppendEvents(300);
        Witness(Stateful(100));
        Rewrite(payloads => payloads[0][^1] ^= 1);
        AppendEvents(1);
        Assert.Equal(WitnessFault.State, Assert.Throws<EstreamWitnessException>(() => Witness(Stateful())).Fault);
        Assert.Equal(4, Entries().Count);
        Assert.Equal(WitnessFault.Rewritten, Verify().Damage?.Fault);
        using WitnessProver prover = new(Queue, Attestations, Key.PublicKey);
        Assert.Equal(WitnessFault.State, Assert.Throws<EstreamWitnessException>(() => prover.ProveState(NaiveState.Key(1))).Fault);
    }

    [Fact]
    public void A_message_changed_before_states_were_enabled_is_detected()
    {
        AppendEvents(300);
        Witness(Bounded(100));
        Rewrite(payloads => payloads[0][^1] ^= 1);
        AppendEvents(1);
        Assert.Equal(WitnessFault.Rewritten, Assert.Throws<EstreamWitnessException>(() => Witness(Stateful())).Fault);
        Assert.Equal(3, Entries().Count);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(2, true)]
    public void A_signed_state_that_contradicts_the_messages_is_detected(int which, bool isRefused)
    {
        AppendEvents(300);
        Witness(Stateful(100));
        using EstreamQueue other = WithOtherState(which);
        WitnessVerification found = WitnessVerifier.Verify(Queue, other, Key.PublicKey);
        Assert.Equal((WitnessFault.State, which, false), (found.Damage!.Fault, found.Attestations, found.IsWhole));
        using WitnessProver prover = new(Queue, other, Key.PublicKey);
        Assert.Equal(WitnessFault.State, Assert.Throws<EstreamWitnessException>(() => prover.ProveState(NaiveState.Key(1), which)).Fault);

        // Opening a witness checks the last state only.
        void Open() => QueueWitness.Open(Queue, other, Key, Stateful() with { TailerName = "other" }).Dispose();
        if (isRefused)
        {
            Assert.Equal(WitnessFault.State, Assert.Throws<EstreamWitnessException>(Open).Fault);
        }
        else
        {
            Open();
        }
    }

    [Fact]
    public void No_state_can_be_attested_or_proven_after_the_first_messages_were_deleted()
    {
        using EstreamQueue small = EstreamQueue.Open(Beside("small"), Options with { SegmentBytes = 64 << 10, RetainedBytes = 128 << 10 });
        using EstreamQueue witnessed = EstreamQueue.Open(Beside("small.witness"), Options),
            anew = EstreamQueue.Open(Beside("anew.witness"), Options);
        using (QueueWitness witness = QueueWitness.Open(small, witnessed, Key, Stateful()))
        {
            using QueueAppender appender = small.CreateAppender(AppenderMode.Exclusive);
            for (int round = 0; round < 4; round++)
            {
                for (int number = 0; number < 2_000; number++)
                {
                    appender.Append(NaiveState.Sample(number));
                }

                // The running witness has read all messages, so it continues although the queue deletes the first messages.
                witness.RunToEnd();
            }

            Assert.False(witness.Last!.StateRoot.IsEmpty);
        }

        Assert.True(small.GetInfo().FirstSequence > 0);
        EstreamWitnessException refused =
            Assert.Throws<EstreamWitnessException>(() => QueueWitness.Open(small, witnessed, Key, Stateful()));
        Assert.Equal(WitnessFault.Missing, refused.Fault);
        Assert.Contains("no retention", refused.Message, StringComparison.Ordinal);
        Assert.Equal(WitnessFault.Missing,
            Assert.Throws<EstreamWitnessException>(() =>
                QueueWitness.Open(small, anew, Key, Stateful() with { TailerName = "anew" })).Fault);
        using WitnessProver prover = new(small, witnessed, Key.PublicKey);
        Assert.Equal(WitnessFault.Missing, Assert.Throws<EstreamWitnessException>(() => prover.ProveState("key 1"u8)).Fault);
        Assert.True(WitnessVerifier.Verify(small, witnessed, Key.PublicKey).IsWholeButGivenUp);
        QueueWitness.Open(small, witnessed, Key, Bounded()).Dispose();
    }

    [Fact]
    public void The_state_matches_a_map_with_versions_expiry_and_batches()
    {
        using QueueChangeSink sink = new(Queue);
        using VersionedByteMap map = VersionedByteMap.Open(Beside("map"), new ByteMapOptions { Changes = sink, Clock = Clock });
        for (int number = 0; number < 300; number++)
        {
            map.Put(NaiveState.Key(number), Payload(number), number % 3 == 0 ? TimeSpan.FromSeconds(number + 1) : null);
        }

        using (VersionedByteMapBatch batch = map.CreateBatch())
        {
            batch.Put(NaiveState.Key(1), "changed"u8);
            batch.Remove(NaiveState.Key(2));
            Assert.True(batch.Commit());
        }

        RequireStateOf(map);
        map.Remove(NaiveState.Key(4));

        // Some entries have expired: the state holds them until the map reports their removal.
        Clock.Pass(TimeSpan.FromSeconds(2));
        Witness(Stateful());
        using WitnessProver prover = new(Queue, Attestations, Key.PublicKey);
        StateProof ended = prover.ProveState(NaiveState.Key(0));
        Assert.Equal(StateAnswer.Held, ended.Verify(Queue.Id, Key.PublicKey));
        Assert.True(ended.ExpiresAt > 0 && ended.ExpiresAt < ended.Attestation.Head.Time && ended.Version > 0);
        Assert.False(map.TryGet(NaiveState.Key(0), out byte[]? _, out _));
        Assert.Equal(StateAnswer.Absent, prover.ProveState(NaiveState.Key(4)).Verify(Queue.Id, Key.PublicKey));

        // The map visits all entries in the course of these writes, and reports the expired entries as removed.
        Clock.Pass(TimeSpan.FromSeconds(1_000));
        for (int write = 0; write < 3_000; write++)
        {
            map.Put("other"u8, BitConverter.GetBytes(write));
        }

        RequireStateOf(map);
        map.Clear();
        RequireStateOf(map);
    }

    private void RequireStateOf(VersionedByteMap map)
    {
        Witness(Stateful());
        List<byte[]> entries = [];
        foreach (VersionedByteMapEntry entry in map)
        {
            entries.Add(NaiveState.Entry(entry.Key.ToArray(), entry.Version, entry.ExpiresAt, entry.Value.ToArray()));
        }

        Assert.Equal(NaiveState.Root(entries), AllAttested()[^1].StateRoot.ToArray());
        Assert.True(Verify().IsWhole, Verify().ToString());
    }

    private void RequireRoots(int count)
    {
        List<Attestation> attested = AllAttested();
        Assert.Equal(count, attested.Count);
        foreach (Attestation one in attested)
        {
            Assert.Equal(2, BinaryPrimitives.ReadInt32LittleEndian(one.Encoded[8..]));
            Assert.Equal(Roots[(int)one.Head.TreeSize - 1], one.StateRoot.ToArray());
            Assert.True(one.IsSignedBy(Key.PublicKey));
        }
    }
}
