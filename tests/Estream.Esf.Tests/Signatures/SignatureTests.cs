using Estream.Crypto;
using Estream.Esf.Schema;

namespace Estream.Esf.Tests.Signatures;

/// <summary>Signatures of messages: which bytes they cover, and what does not verify.</summary>
public sealed class SignatureTests : IDisposable
{
    private const string Fields = """
            order: { type: u64 }
            payer: { type: string }
            payee: { type: string }
            signature: { type: pq_signature, optional: true }
            note: { type: string, optional: true }
        """;

    private static readonly EsfSchema s_schema = Schemas.One($"Payment:\n  fields:\n{Fields}");
    private static readonly string s_zeros = new('0', 2 * EsfLimits.PqSignatureBytes);
    private static readonly string s_json =
        $$"""{"order":7,"payer":"ann","payee":"bob","signature":"{{s_zeros}}","note":"rent"}""";

    private readonly MlDsa87PrivateKey _signer = MlDsa87PrivateKey.ImportSeed(Enumerable.Range(0, 32).Select(i => (byte)i).ToArray());

    public void Dispose() => _signer.Dispose();

    [Fact]
    public void A_changed_bit_anywhere_in_message_or_signature_is_detected()
    {
        byte[] message = Signed();
        int signature = SignatureOffset(message);
        int end = signature + EsfLimits.PqSignatureBytes;
        for (int bit = 0; bit < message.Length * 8; bit++)
        {
            // All bits outside the signature, and a sample inside it.
            if (bit / 8 >= signature && bit / 8 < end && bit % 61 != 0)
            {
                continue;
            }

            message[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(EsfSignature.Verify(s_schema, message, _signer.PublicKey), $"Bit {bit} was changed.");
            message[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        Assert.True(EsfSignature.Verify(s_schema, message, _signer.PublicKey));
    }

    [Fact]
    public void Verify_refuses_a_message_with_the_same_values_in_another_order()
    {
        byte[] message = Signed();
        string json = Schemas.Print(s_schema, message);
        string other = json.Replace("\"payer\":\"ann\",\"payee\":\"bob\"", "\"payee\":\"bob\",\"payer\":\"ann\"", StringComparison.Ordinal);
        Assert.True(EsfSignature.Verify(s_schema, Schemas.Encode(s_schema, json), _signer.PublicKey));
        Assert.NotEqual(json, other);
        Assert.False(EsfSignature.Verify(s_schema, Schemas.Encode(s_schema, other), _signer.PublicKey));
    }

    [Fact]
    public void Verify_refuses_another_key()
    {
        using MlDsa87PrivateKey other = MlDsa87PrivateKey.Generate();
        Assert.False(EsfSignature.Verify(s_schema, Signed(), other.PublicKey));
    }

    [Theory]
    [InlineData("")]
    [InlineData(",\"signature\":\"\"")]
    [InlineData(",\"signature\":\"0011\"")]
    public void Sign_reports_a_field_that_is_absent_or_has_another_length(string signature)
    {
        byte[] message = Schemas.Encode(s_schema, $$"""{"order":7,"payer":"ann","payee":"bob"{{signature}}}""");
        byte[] before = [.. message];
        EsfStatus status = EsfSignature.Sign(s_schema, message, _signer);
        Assert.Equal(signature.Length == 0 ? EsfError.MissingField : EsfError.OutOfRange, status.Error);
        Assert.Equal("signature", status.Field);
        Assert.Equal(before, message);
        Assert.False(EsfSignature.Verify(s_schema, message, _signer.PublicKey));
    }

    [Fact]
    public void Verify_refuses_every_prefix_and_a_longer_message()
    {
        byte[] message = Signed();
        for (int length = 0; length < message.Length; length += 7)
        {
            Assert.False(EsfSignature.Verify(s_schema, message.AsSpan(0, length), _signer.PublicKey));
        }

        Assert.False(EsfSignature.Verify(s_schema, [.. message, 0], _signer.PublicKey));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n    a: { type: pq_signature }\n    b: { type: pq_signature }")]
    public void Schemas_without_exactly_one_signature_field_throw(string fields)
    {
        EsfSchema schema = Schemas.One($"Other:\n  fields:\n    id: {{ type: u8 }}{fields}");
        Assert.Throws<ArgumentException>("schema", () => EsfSignature.Sign(schema, new byte[64], _signer));
        Assert.Throws<ArgumentException>("schema", () => EsfSignature.Verify(schema, new byte[64], _signer.PublicKey));
    }

    [Fact]
    public void Keys_of_another_algorithm_throw()
    {
        if (!Ed25519.IsSupported)
        {
            return;
        }

        using Ed25519PrivateKey classic = Ed25519PrivateKey.Generate();
        byte[] message = Signed();
        Assert.Throws<ArgumentException>("signer", () => EsfSignature.Sign(s_schema, message, classic));
        Assert.Throws<ArgumentException>("key", () => EsfSignature.Verify(s_schema, message, classic.PublicKey));
    }

    // Signs by docs/formats/esf.md, without EsfSignature.
    [Fact]
    public void The_signature_covers_the_message_with_zeros_in_place_of_the_signature()
    {
        byte[] message = Schemas.Encode(s_schema, s_json);
        byte[] signature = new byte[MlDsa87.SignatureBytes];
        _signer.SignDeterministic(message, "estream esf1 message signature 1"u8, signature);
        signature.CopyTo(message, SignatureOffset(message));
        Assert.True(EsfSignature.Verify(s_schema, message, _signer.PublicKey));
    }

    [Fact]
    public void Signing_and_verifying_allocate_nothing()
    {
        byte[] message = Signed();
        AllocationTests.AssertNothingAllocated(() =>
        {
            Assert.True(EsfSignature.Sign(s_schema, message, _signer).IsOk);
            Assert.True(EsfSignature.Verify(s_schema, message, _signer.PublicKey));
        });
    }

    private static int SignatureOffset(byte[] message)
    {
        EsfField field = s_schema.Fields.Single(one => one.Name == "signature");
        Assert.True(field.TryGetBytes(message, out ReadOnlySpan<byte> region));
        Assert.True(((ReadOnlySpan<byte>)message).Overlaps(region, out int offset));
        return offset;
    }

    private byte[] Signed()
    {
        byte[] message = Schemas.Encode(s_schema, s_json);
        Assert.True(EsfSignature.Sign(s_schema, message, _signer).IsOk);
        return message;
    }
}
