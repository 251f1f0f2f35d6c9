using Estream.Crypto;
using Estream.Queue;
using Estream.Witness.Tests.Support;

namespace Estream.Witness.Tests;

/// <summary>History that is rewritten, by somebody who knows the format of the queue and has all its files: noticed, named, and not attested any further.</summary>
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
    public void A_rewritten_file_that_says_the_same_is_whole()
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
    public void A_flipped_bit_is_noticed(int message)
    {
        Rewrite(payloads => payloads[message][message % 40] ^= (byte)(1 << (message % 8)));
        RequireNoticed(WitnessFault.Rewritten, attestationsBefore: message / 300);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(450)]
    public void A_removed_message_is_noticed(int message)
    {
        Rewrite(payloads => payloads.RemoveAt(message));
        RequireNoticed(WitnessFault.Rewritten, attestationsBefore: message / 300);
    }

    [Fact]
    public void Removed_last_messages_are_noticed()
    {
        Rewrite(payloads => payloads.RemoveRange(890, 10));
        RequireNoticed(WitnessFault.Missing, attestationsBefore: 2);
    }

    [Fact]
    public void An_emptied_queue_is_noticed()
    {
        Rewrite(payloads => payloads.Clear());
        RequireNoticed(WitnessFault.Missing, attestationsBefore: 0);
    }

    [Fact]
    public void Messages_in_another_order_are_noticed()
    {
        Rewrite(payloads => (payloads[700], payloads[701]) = (payloads[701], payloads[700]));
        RequireNoticed(WitnessFault.Rewritten, attestationsBefore: 2);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(600)]
    [InlineData(899)]
    public void An_inserted_message_is_noticed(int message)
    {
        Rewrite(payloads => payloads.Insert(message, Payload(7)));
        RequireNoticed(WitnessFault.Rewritten, attestationsBefore: message / 300);
    }

    [Fact]
    public void A_message_that_is_appended_is_no_damage()
    {
        Rewrite(payloads => payloads.Add(Payload(7)));
        Assert.True(Verify() is { IsWhole: true, Unattested: 1 }, Verify().ToString());
        Witness();
        Assert.True(Verify() is { IsWhole: true, Messages: Messages + 1 }, Verify().ToString());
    }

    [Fact]
    public void A_witness_rechecks_as_much_as_it_is_told_before_it_attests()
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
    public void Attestations_of_another_queue_are_refused()
    {
        using EstreamQueue other = EstreamQueue.Open(Beside("other"), Options);
        Assert.Equal(WitnessFault.Origin, WitnessVerifier.Verify(other, Attestations, Key.PublicKey).Damage?.Fault);
        Assert.Equal(WitnessFault.Origin, Assert.Throws<EstreamWitnessException>(() => QueueWitness.Open(other, Attestations, Key)).Fault);
    }

    [Fact]
    public void Attestations_of_another_key_are_refused_unless_it_is_trusted()
    {
        using MlDsa87PrivateKey other = SampleAttestation.Key(2);
        Assert.Equal(WitnessFault.Signature, WitnessVerifier.Verify(Queue, Attestations, other.PublicKey).Damage?.Fault);
        Assert.Equal(WitnessFault.Signature, WitnessVerifier.Verify(Queue, Attestations).Damage?.Fault);
        Assert.Equal(WitnessFault.Signature, Assert.Throws<EstreamWitnessException>(() => QueueWitness.Open(Queue, Attestations, other)).Fault);
        Append(5);
        using (QueueWitness witness = QueueWitness.Open(Queue, Attestations, other, Bounded() with { EarlierKeys = [Key.PublicKey] }))
        {
            witness.RunToEnd();
        }

        Assert.True(WitnessVerifier.Verify(Queue, Attestations, Key.PublicKey, other.PublicKey) is { IsWhole: true, Attestations: 4 });
        Assert.Equal((WitnessFault.Signature, 3), (Verify().Damage?.Fault, Verify().Attestations));
    }

    [Fact]
    public void Nodes_that_do_not_give_the_attested_root_are_refused()
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
    public void What_others_append_to_the_witness_queue_is_refused()
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

    private void RequireNoticed(WitnessFault expected, int attestationsBefore)
    {
        WitnessVerification found = Verify();
        Assert.True(found.Damage?.Fault == expected && found.Attestations == attestationsBefore, found.ToString());
        int entries = Entries().Count;
        Assert.Equal(expected, Assert.Throws<EstreamWitnessException>(() => Witness(Bounded() with { Recheck = int.MaxValue })).Fault);
        Assert.Equal(entries, Entries().Count);
    }
}
