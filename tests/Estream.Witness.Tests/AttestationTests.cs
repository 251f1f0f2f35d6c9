using System.Buffers.Binary;
using Estream.Crypto;
using Estream.Witness.Tests.Support;

namespace Estream.Witness.Tests;

/// <summary>Tests attestations: their bytes match the format documentation, and invalid ones are rejected with the reason.</summary>
public sealed class AttestationTests
{
    private static readonly string s_golden = Path.Combine(AppContext.BaseDirectory, "Golden", "attestation-v1.hex");

    [Fact]
    public void The_bytes_match_the_golden_file_of_version_1()
    {
        Attestation made = SampleAttestation.Make();
        const string Head = "4553545241545431" + "01000000" + "01000000" + "8877665544332211" + "e803000000000000" + "ef03000000000000"
            + "0001200000000000"
            + "15cd853dfe9c9717" + "0300000000000000" + "a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebf";
        Assert.Equal(Head, Convert.ToHexStringLower(made.Encoded[..96]));
        using MlDsa87PrivateKey key = SampleAttestation.Key();
        Assert.Equal(NaiveTree.Hash(key.PublicKey.PublicKey.ToArray()), made.Encoded[96..128].ToArray());
        Assert.False(made.Encoded[128..160].ContainsAnyExcept((byte)0));
        Assert.True(key.PublicKey.Verify(made.Encoded[..160], "estream.witness.v1"u8, made.Encoded[160..]));
        Assert.Equal(160 + 4627, made.Encoded.Length);
        Assert.Equal(File.ReadAllText(s_golden).Trim(), Convert.ToHexStringLower(made.Encoded));
    }

    [Fact]
    public void The_bytes_with_a_state_match_the_golden_bytes_of_version_2()
    {
        Attestation made = SampleAttestation.MakeWithState(), plain = SampleAttestation.Make();
        Assert.Equal(SampleAttestation.StateRoot, made.Encoded[128..160].ToArray());
        Assert.Equal(2, made.Encoded[8]);
        byte[] signed = [.. plain.Encoded[..128]];
        signed[8] = 2;
        Assert.Equal(signed, made.Encoded[..128].ToArray());
        using MlDsa87PrivateKey key = SampleAttestation.Key();
        Assert.True(key.PublicKey.Verify(made.Encoded[..160], "estream.witness.v1"u8, made.Encoded[160..]));

        // The golden attestation was signed by another program with its own random bytes.
        byte[] golden =
            Convert.FromHexString(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Golden", "attestation-v2.hex")).Trim());
        Assert.Equal(golden[..160], made.Encoded[..160].ToArray());
        Assert.True(Attestation.TryParse(golden, out Attestation? read, out _) && read.IsSignedBy(key.PublicKey));
        Assert.Equal((SampleAttestation.Head, true, true),
            (read.Head, read.StateRoot.SequenceEqual(SampleAttestation.StateRoot), plain.StateRoot.IsEmpty));
    }

    // An attestation that was signed without a state is invalid if a state is added, and vice versa.
    [Fact]
    public void IsSignedBy_is_false_for_a_changed_state()
    {
        using MlDsa87PrivateKey key = SampleAttestation.Key();
        foreach (byte[] whole in new byte[][] { SampleAttestation.MakeWithState().Encoded.ToArray(),
            SampleAttestation.Make().Encoded.ToArray() })
        {
            for (int at = 128; at < 160; at++)
            {
                byte[] changed = [.. whole];
                changed[8] = 2;
                changed[at] ^= 1;
                Assert.True(Attestation.TryParse(changed, out Attestation? read, out _));
                Assert.False(read.IsSignedBy(key.PublicKey));
            }
        }

        byte[] without = SampleAttestation.MakeWithState().Encoded.ToArray();
        without[8] = 1;
        Assert.False(Attestation.TryParse(without, out _, out AttestationFault fault));
        Assert.Equal(AttestationFault.Reserved, fault);
    }

    [Fact]
    public void A_signed_attestation_round_trips()
    {
        Assert.True(
            Attestation.TryParse(Convert.FromHexString(File.ReadAllText(s_golden).Trim()), out Attestation? read,
                out AttestationFault fault));
        Assert.Equal((AttestationFault.None, SampleAttestation.Head), (fault, read.Head));
        Assert.Equal(SampleAttestation.Root, read.Root.ToArray());
        using MlDsa87PrivateKey key = SampleAttestation.Key(), other = SampleAttestation.Key(2);
        Assert.True(read.IsSignedBy(key.PublicKey));
        Assert.False(read.IsSignedBy(other.PublicKey));
    }

    [Fact]
    public void Hedged_signatures_differ_and_are_valid()
    {
        using MlDsa87PrivateKey key = SampleAttestation.Key();
        Attestation one = Attestation.Sign(SampleAttestation.Head, SampleAttestation.Root, key),
        two = Attestation.Sign(SampleAttestation.Head, SampleAttestation.Root, key);
        Assert.False(one.Encoded.SequenceEqual(two.Encoded));
        Assert.True(one.IsSignedBy(key.PublicKey) && two.IsSignedBy(key.PublicKey));
    }

    [Fact]
    public void IsSignedBy_is_false_for_any_flipped_bit()
    {
        using MlDsa87PrivateKey key = SampleAttestation.Key();
        byte[] whole = SampleAttestation.Make().Encoded.ToArray();
        for (int bit = 0; bit < whole.Length * 8; bit += bit < 160 * 8 ? 1 : 37)
        {
            byte[] flipped = [.. whole];
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(Attestation.TryParse(flipped, out Attestation? read, out _) && read.IsSignedBy(key.PublicKey), $"bit {bit}");
        }
    }

    [Fact]
    public void IsSignedBy_is_false_for_a_signature_with_another_context()
    {
        using MlDsa87PrivateKey key = SampleAttestation.Key();
        byte[] bytes = SampleAttestation.Make().Encoded.ToArray();
        key.Sign(bytes.AsSpan(0, 160), "estream.witness.v2"u8, bytes.AsSpan(160));
        Assert.True(Attestation.TryParse(bytes, out Attestation? read, out _));
        Assert.False(read.IsSignedBy(key.PublicKey));
    }

    [Fact]
    public void TryParse_rejects_every_wrong_length()
    {
        byte[] longer = [.. SampleAttestation.Make().Encoded, 0];
        for (int length = 0; length <= longer.Length; length++)
        {
            bool isRead = Attestation.TryParse(longer.AsSpan(0, length), out _, out AttestationFault fault);
            Assert.Equal(length == Attestation.Bytes ? (true, AttestationFault.None) : (false, AttestationFault.Length), (isRead, fault));
        }
    }

    [Theory]
    [InlineData(0, 0, AttestationFault.Magic)]
    [InlineData(8, 3, AttestationFault.Version)]
    [InlineData(8, 0, AttestationFault.Version)]
    [InlineData(12, 0, AttestationFault.Origin)]
    [InlineData(12, 3, AttestationFault.Origin)]
    [InlineData(24, 0, AttestationFault.TreeSize)]
    [InlineData(24, -1, AttestationFault.TreeSize)]
    [InlineData(24, 1_006, AttestationFault.Sequence)]
    [InlineData(32, 1_001, AttestationFault.Sequence)]
    [InlineData(32, -1, AttestationFault.Sequence)]
    [InlineData(40, -1, AttestationFault.Position)]
    [InlineData(48, -1, AttestationFault.Time)]
    [InlineData(56, 9, AttestationFault.Sequence)]
    [InlineData(56, -1, AttestationFault.Sequence)]
    [InlineData(128, 1, AttestationFault.Reserved)]
    [InlineData(152, 1L << 56, AttestationFault.Reserved)]
    public void TryParse_rejects_invalid_fields_with_the_reason(int offset, long value, AttestationFault expected)
    {
        byte[] bytes = SampleAttestation.Make().Encoded.ToArray();
        if (offset is 8 or 12)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(offset), (int)value);
        }
        else
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(offset), value);
        }

        Assert.False(Attestation.TryParse(bytes, out Attestation? none, out AttestationFault fault));
        Assert.Null(none);
        Assert.Equal(expected, fault);
    }

    [Fact]
    public void Sign_throws_for_invalid_heads_and_roots()
    {
        using MlDsa87PrivateKey key = SampleAttestation.Key();
        TreeHead head = SampleAttestation.Head;
        Assert.Contains("TreeSize",
            Assert.Throws<ArgumentException>("head",
                () => Attestation.Sign(head with { TreeSize = 0 }, SampleAttestation.Root, key)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>("head", () => Attestation.Sign(head with { Sequence = 1_001 }, SampleAttestation.Root, key));
        Assert.Throws<ArgumentException>("head", () => Attestation.Sign(head with { Origin = 0 }, SampleAttestation.Root, key));
        Assert.Throws<ArgumentException>("root", () => Attestation.Sign(head, new byte[31], key));
        Assert.Throws<ArgumentException>("stateRoot", () => Attestation.Sign(head, SampleAttestation.Root, new byte[31], key));
    }
}
