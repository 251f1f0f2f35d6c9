using System.Buffers.Binary;
using Estream.Crypto;
using Estream.Queue;
using Estream.Witness.Tests.Support;

namespace Estream.Witness.Tests;

/// <summary>Tests a history rewritten by an attacker who knows the queue format and has all files of the queue. The verifier detects and
/// names the change, and the witness attests nothing more.</summary>
public sealed class TamperTests : WitnessCase
{
    private const int Messages = 900;

    public TamperTests()
    {
        Append(Messages);
        Witness(Bounded(300));
        Assert.True(Verify().IsWhole);
    }

    [Fact]
    public void A_rewritten_file_with_the_same_messages_is_whole()
    {
        Rewrite(_ => { });
        Assert.True(Verify().IsWhole, Verify().ToString());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(299)]
    [InlineData(300)]
    [InlineData(650)]
    [InlineData(899)]
    public void A_flipped_bit_is_detected(int message)
    {
        Rewrite(payloads => payloads[message][message % 40] ^= (byte)(1 << (message % 8)));
        RequireNoticed(WitnessFault.Rewritten, attestationsBefore: message / 300);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(450)]
    public void A_removed_message_is_detected(int message)
    {
        Rewrite(payloads => payloads.RemoveAt(message));
        RequireNoticed(WitnessFault.Rewritten, attestationsBefore: message / 300);
    }

    [Fact]
    public void Removed_last_messages_are_detected()
    {
        Rewrite(payloads => payloads.RemoveRange(890, 10));
        RequireNoticed(WitnessFault.Missing, attestationsBefore: 2);
    }

    [Fact]
    public void An_emptied_queue_is_detected()
    {
        Rewrite(payloads => payloads.Clear());
        RequireNoticed(WitnessFault.Missing, attestationsBefore: 0);
    }

    [Fact]
    public void Messages_in_another_order_are_detected()
    {
        Rewrite(payloads => (payloads[700], payloads[701]) = (payloads[701], payloads[700]));
        RequireNoticed(WitnessFault.Rewritten, attestationsBefore: 2);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(600)]
    [InlineData(899)]
    public void An_inserted_message_is_detected(int message)
    {
        Rewrite(payloads => payloads.Insert(message, Payload(7)));
        RequireNoticed(WitnessFault.Rewritten, attestationsBefore: message / 300);
    }

    [Fact]
    public void An_appended_message_is_not_damage()
    {
        Rewrite(payloads => payloads.Add(Payload(7)));
        Assert.True(Verify() is { IsWhole: true, Unattested: 1 }, Verify().ToString());
        Witness();
        Assert.True(Verify() is { IsWhole: true, Messages: Messages + 1 }, Verify().ToString());
    }

    [Fact]
    public void Open_rechecks_as_many_attestations_as_Recheck_says()
    {
        Rewrite(payloads => payloads[10][0] ^= 1);
        Append(1);
        Witness(Bounded() with { Recheck = 2 });
        Append(1);
        EstreamWitnessException error = Assert.Throws<EstreamWitnessException>(() => Witness(Bounded() with { Recheck = int.MaxValue }));
        Assert.Equal(WitnessFault.Rewritten, error.Fault);
        Assert.Contains("up to 299", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Attestations_of_another_queue_are_rejected()
    {
        using EstreamQueue other = EstreamQueue.Open(Beside("other"), Options);
        Assert.Equal(WitnessFault.Origin, WitnessVerifier.Verify(other, Attestations, Key.PublicKey).Damage?.Fault);
        Assert.Equal(WitnessFault.Origin, Assert.Throws<EstreamWitnessException>(() => QueueWitness.Open(other, Attestations, Key)).Fault);
    }

    [Fact]
    public void Attestations_of_another_key_are_rejected_unless_it_is_trusted()
    {
        using MlDsa87PrivateKey other = SampleAttestation.Key(2);
        Assert.Equal(WitnessFault.Signature, WitnessVerifier.Verify(Queue, Attestations, other.PublicKey).Damage?.Fault);
        Assert.Equal(WitnessFault.Signature, WitnessVerifier.Verify(Queue, Attestations).Damage?.Fault);
        Assert.Equal(WitnessFault.Signature,
            Assert.Throws<EstreamWitnessException>(() => QueueWitness.Open(Queue, Attestations, other)).Fault);
        Append(5);
        using (QueueWitness witness = QueueWitness.Open(Queue, Attestations, other, Bounded() with { EarlierKeys = [Key.PublicKey] }))
        {
            witness.RunToEnd();
        }

        Assert.True(WitnessVerifier.Verify(Queue, Attestations, Key.PublicKey, other.PublicKey) is { IsWhole: true, Attestations: 4 });
        Assert.Equal((WitnessFault.Signature, 3), (Verify().Damage?.Fault, Verify().Attestations));
    }

    [Fact]
    public void Nodes_that_do_not_yield_the_attested_root_are_rejected()
    {
        byte[] bytes = Entries()[^1].Encoded.ToArray();
        Assert.True(WitnessEntry.TryParse(bytes, out _, out _));
        for (int at = 4_824; at < 4_824 + (32 * 4); at++)
        {
            bytes[at] ^= 1;
            Assert.False(WitnessEntry.TryParse(bytes, out _, out WitnessEntryFault fault));
            Assert.Equal(WitnessEntryFault.Nodes, fault);
            bytes[at] ^= 1;
        }
    }

    [Fact]
    public void Foreign_messages_in_the_witness_queue_are_rejected()
    {
        using (QueueAppender appender = Attestations.CreateAppender(AppenderMode.Exclusive))
        {
            appender.Append(Entries()[1].Encoded);
        }

        Assert.Equal(WitnessFault.Entry, Verify().Damage?.Fault);
        Assert.Equal(WitnessFault.Entry, Assert.Throws<EstreamWitnessException>(() => QueueWitness.Open(Queue, Attestations, Key)).Fault);
        using (QueueAppender appender = Attestations.CreateAppender(AppenderMode.Exclusive))
        {
            appender.Append("nothing"u8);
        }

        Assert.Equal(WitnessFault.Entry, Assert.Throws<EstreamWitnessException>(() => QueueWitness.Open(Queue, Attestations, Key)).Fault);
    }

    // An entry's reference to the previous entry is not signed, so an attacker can change it.
    [Fact]
    public void A_first_entry_that_claims_earlier_ones_hides_no_changes()
    {
        List<byte[]> entries = [.. Entries().Select(entry => entry.Encoded.ToArray())];
        entries[0][16] = 1;
        Rewrite(payloads => payloads[10][9] ^= 1);
        WitnessVerification found = VerifyWith("patched.witness", entries);
        Assert.False(found.IsWhole, found.ToString());
    }

    // All messages exist, and the last attestation covers all of them, so the verifier hashes them all.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_rewritten_queue_is_not_whole_after_removing_attestations(int gone)
    {
        List<byte[]> entries = [.. Entries().Skip(gone).Select(entry => entry.Encoded.ToArray())];
        Rewrite(payloads => payloads[10][9] ^= 1);
        WitnessVerification found = VerifyWith("left.witness", entries);
        Assert.False(found.IsWhole, found.ToString());
    }

    [Fact]
    public void A_queue_without_attestations_is_not_whole()
    {
        WitnessVerification found = VerifyWith("none.witness", []);
        Assert.False(found.IsWhole, found.ToString());
    }

    // Only the last attestation remains, and its number shows that other attestations preceded it. All messages exist, so the verifier
    // checks them nevertheless.
    [Fact]
    public void The_last_attestation_alone_proves_all_messages()
    {
        byte[] last = Entries()[^1].Encoded.ToArray();
        using EstreamQueue left = EstreamQueue.Open(Beside("last.witness"), Options);
        using (QueueAppender appender = left.CreateAppender())
        {
            appender.Claim(40).Dispose();
            appender.Append(last);
        }

        WitnessVerification found = WitnessVerifier.Verify(Queue, left, Key.PublicKey);
        Assert.True(found is { IsWhole: true, Messages: Messages, Attestations: 1 }, found.ToString());
        Rewrite(payloads => payloads[10][9] ^= 1);
        Assert.Equal(WitnessFault.Rewritten, WitnessVerifier.Verify(Queue, left, Key.PublicKey).Damage?.Fault);
        Assert.Equal(WitnessFault.Rewritten,
            Assert.Throws<EstreamWitnessException>(() => QueueWitness.Open(Queue, left, Key, Bounded())).Fault);
    }

    [Fact]
    public void A_wrong_first_position_is_detected()
    {
        List<byte[]> entries = [.. Entries().Select(entry => entry.Encoded.ToArray())];
        BinaryPrimitives.WriteInt64LittleEndian(entries[1].AsSpan(24), Entries()[1].FirstPosition + 56);
        WitnessVerification found = VerifyWith("moved.witness", entries);
        Assert.Equal((WitnessFault.Entry, 1), (found.Damage?.Fault, found.Attestations));
    }

    // Both attestations exist, but the first segment, with messages of the first attestation, is gone. The remaining messages are proven,
    // except messages next to the removed segment.
    [Fact]
    public void Messages_next_to_a_removed_segment_are_proven_or_counted_as_unproven()
    {
        using EstreamQueue small = EstreamQueue.Open(Beside("small"), Options with { SegmentBytes = 64 << 10 });
        using EstreamQueue witness = EstreamQueue.Open(Beside("small.witness"), Options);
        using (QueueAppender appender = small.CreateAppender(AppenderMode.Exclusive))
        {
            for (int at = 0; at < 4_000; at++)
            {
                appender.Append(Payload(at));
            }
        }

        using (QueueWitness attesting = QueueWitness.Open(small, witness, Key, Bounded(2_000)))
        {
            attesting.RunToEnd();
        }

        small.Dispose();
        string[] segments = [.. Directory.GetFiles(Beside("small"), "*.seg").Order(StringComparer.Ordinal)];
        File.Delete(segments[0]);
        WitnessVerification found = VerifySmall();
        Assert.True(found is { IsWhole: false, IsWholeButGivenUp: true, Unchecked: 0, Attestations: 2 }, found.ToString());
        Assert.InRange(found.Unproven, 1, 255);
        Assert.Equal(4_000 - FirstOf(segments[1]), found.Messages + found.Unproven);

        // Changes the last message of the first attestation. It is in the segment in which the second attestation starts.
        byte[] file = File.ReadAllBytes(segments[1]);
        file[256 + (56 * (1_999 - FirstOf(segments[1]))) + 16 + 20] ^= 1;
        File.WriteAllBytes(segments[1], file);
        Assert.Equal(WitnessFault.Rewritten, VerifySmall().Damage?.Fault);
        using (EstreamQueue again = EstreamQueue.Open(Beside("small"), Options with { SegmentBytes = 64 << 10 }))
        {
            Assert.Equal(WitnessFault.Rewritten,
                Assert.Throws<EstreamWitnessException>(() => QueueWitness.Open(again, witness, Key, Bounded() with { Recheck = 2 })).Fault);
        }

        // No message of the first attestation remains.
        File.Delete(segments[1]);
        found = VerifySmall();
        Assert.True(found is { IsWhole: false, IsWholeButGivenUp: true, Unchecked: 1 } && found.Unproven < 256, found.ToString());

        WitnessVerification VerifySmall()
        {
            using EstreamQueue read = EstreamQueue.OpenReadOnly(Beside("small"));
            return WitnessVerifier.Verify(read, witness, Key.PublicKey);
        }
    }

    [Fact]
    public void A_kept_attestation_reveals_truncation_and_re_attested_history()
    {
        List<Attestation> kept = [.. Entries().Select(entry => entry.Attestation)];
        Assert.All(kept, one => Assert.True(WitnessVerifier.Verify(Queue, Attestations, one, Key.PublicKey).IsWhole));

        // An attestation from a witness with other limits belongs to the same history.
        using EstreamQueue other = EstreamQueue.Open(Beside("other.witness"), Options);
        using (QueueWitness witness = QueueWitness.Open(Queue, other, Key, Bounded(70) with { TailerName = "other" }))
        {
            witness.RunToEnd();
        }

        Assert.All(kept, one => Assert.True(WitnessVerifier.Verify(Queue, other, one, Key.PublicKey).IsWhole));
        List<byte[]> entries = [.. Entries().Take(2).Select(entry => entry.Encoded.ToArray())];
        Assert.True(VerifyWith("cut.witness", entries).IsWhole);
        Assert.Equal(WitnessFault.Missing, VerifyWith("cut2.witness", entries, kept[2]).Damage?.Fault);

        // The owner of the key rewrites the queue and attests the other history with a new witness queue.
        Rewrite(payloads => payloads[899][9] ^= 1);
        using EstreamQueue anew = EstreamQueue.Open(Beside("anew.witness"), Options);
        using (QueueWitness witness = QueueWitness.Open(Queue, anew, Key, Bounded() with { TailerName = "anew" }))
        {
            witness.RunToEnd();
        }

        Assert.True(WitnessVerifier.Verify(Queue, anew, Key.PublicKey).IsWhole);
        Assert.True(WitnessVerifier.Verify(Queue, anew, kept[1], Key.PublicKey).IsWhole);
        Assert.Equal(WitnessFault.Rewritten, WitnessVerifier.Verify(Queue, anew, kept[2], Key.PublicKey).Damage?.Fault);
        Assert.Equal(WitnessFault.Signature, WitnessVerifier.Verify(Queue, anew, kept[2]).Damage?.Fault);
        Assert.Equal(WitnessFault.Origin, WitnessVerifier.Verify(other, anew, kept[2], Key.PublicKey).Damage?.Fault);
        Attestation later = Attestation.Sign(kept[1].Head with { FirstSequence = 1, Sequence = 601 }, kept[1].Root, Key);
        Assert.Equal(WitnessFault.Origin, WitnessVerifier.Verify(Queue, anew, later, Key.PublicKey).Damage?.Fault);
    }

    [Fact]
    public void Verify_neither_throws_nor_accepts_any_flipped_bit_of_a_segment_header()
    {
        const int HeaderBytes = 64;
        for (int bit = 0; bit < 2 * HeaderBytes * 8; bit += 11)
        {
            bool isOfQueue = bit < HeaderBytes * 8;
            int at = bit / 8 % HeaderBytes;
            string path = Directory.GetFiles(isOfQueue ? QueueDirectory : WitnessDirectory, "*.seg").Order(StringComparer.Ordinal).First();
            byte[] file = File.ReadAllBytes(path);
            byte[] flipped = [.. file];
            flipped[at] ^= (byte)(1 << (bit % 8));
            WhileClosed(() => File.WriteAllBytes(path, flipped));
            WitnessVerification found = Verify();
            Assert.False(found.IsWhole, $"byte {at} of {path}: {found}");
            WhileClosed(() => File.WriteAllBytes(path, file));
        }

        Assert.True(Verify().IsWhole);
    }

    // The segment with the last attested message is gone, and the remaining log ends before the number of this message.
    [Fact]
    public void A_queue_that_ends_before_the_attested_messages_is_rejected_by_name()
    {
        byte[] last = Entries()[^1].Encoded.ToArray();
        Attestation.Sign(Entries()[^1].Attestation.Head with { Sequence = 5_000 }, Entries()[^1].Attestation.Root,
            Key).Encoded.CopyTo(last.AsSpan(32));
        using (QueueAppender appender = Queue.CreateAppender(AppenderMode.Shared))
        {
            // An appender of another mode starts a new segment.
            appender.Append(Payload(0));
        }

        WhileClosed(() => File.Delete(Directory.GetFiles(QueueDirectory, "*.seg").Order(StringComparer.Ordinal).First()));
        Assert.False(VerifyWith("far.witness", [.. Entries().Take(2).Select(entry => entry.Encoded.ToArray()), last]).IsWhole);
        using EstreamQueue witness = EstreamQueue.Open(Beside("far.witness"), Options);
        Assert.Equal(WitnessFault.Missing,
            Assert.Throws<EstreamWitnessException>(() => QueueWitness.Open(Queue, witness, Key, Bounded() with { Recheck = 0 })).Fault);
    }

    // A shared appender that aborts claims leaves skipped numbers.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    public void Skipped_numbers_in_the_witness_queue_lose_nothing(int count)
    {
        using (QueueAppender appender = Attestations.CreateAppender())
        {
            for (int at = 0; at < count; at++)
            {
                appender.Claim(40).Dispose();
            }
        }

        Append(1);
        Witness();
        Assert.True(Verify() is { IsWhole: true, Attestations: 4, Messages: Messages + 1 }, Verify().ToString());

        // Opening the witness checks the last attestations again, despite the skipped numbers.
        Rewrite(payloads => payloads[899][9] ^= 1);
        Assert.Equal(WitnessFault.Rewritten, Assert.Throws<EstreamWitnessException>(() => Witness(Bounded() with { Recheck = 2 })).Fault);
    }

    private void RequireNoticed(WitnessFault expected, int attestationsBefore)
    {
        WitnessVerification found = Verify();
        Assert.True(found.Damage?.Fault == expected && found.Attestations == attestationsBefore, found.ToString());
        int entries = Entries().Count;
        Assert.Equal(expected, Assert.Throws<EstreamWitnessException>(() => Witness(Bounded() with { Recheck = int.MaxValue })).Fault);
        Assert.Equal(entries, Entries().Count);
    }

    private WitnessVerification VerifyWith(string name, IEnumerable<byte[]> entries, Attestation? kept = null)
    {
        using EstreamQueue witness = EstreamQueue.Open(Beside(name), Options);
        using (QueueAppender appender = witness.CreateAppender(AppenderMode.Exclusive))
        {
            foreach (byte[] entry in entries)
            {
                appender.Append(entry);
            }
        }

        return kept is null
            ? WitnessVerifier.Verify(Queue, witness, Key.PublicKey)
            : WitnessVerifier.Verify(Queue, witness, kept, Key.PublicKey);
    }

    /// <summary>Returns the sequence number of a segment's first message, from the header.</summary>
    private static long FirstOf(string segment) => BinaryPrimitives.ReadInt64LittleEndian(File.ReadAllBytes(segment).AsSpan(40));
}
