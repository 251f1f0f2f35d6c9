using System.Text.Json;
using Estream.Crypto;
using Estream.Esf.Tests.Golden;

namespace Estream.Esf.Tests.Signatures;

/// <summary>A committed signed message, for readers in any language. The tests of Estream.Crypto verify it with another
/// implementation.</summary>
public sealed class SignedVectorTests
{
    private static readonly JsonSerializerOptions s_indented = new()
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    [Fact]
    public void Signed_vector_is_reproduced_from_its_seed_and_verifies()
    {
        string path = GoldenFile.PathOf("Vectors", "Signed", "payment.json");
        byte[] seed = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
        using MlDsa87PrivateKey key = MlDsa87PrivateKey.ImportSeed(seed);
        byte[] unsigned = Payments.Unsigned();
        byte[] message = Payments.WithField(unsigned);
        byte[] signature = new byte[MlDsa87.SignatureBytes];
        key.SignDeterministic(message, EsfSignature.Context, signature);
        signature.CopyTo(message, unsigned.Length);

        SignedVector actual = new(
            Payments.Schema.Definition.CanonicalText, Payments.Schema.Id.ToString("x16"), Schemas.Print(Payments.Schema, unsigned),
            Convert.ToHexStringLower(seed), Convert.ToHexStringLower(key.PublicKey.PublicKey.Span),
            System.Text.Encoding.UTF8.GetString(EsfSignature.Context), unsigned.Length, Convert.ToHexStringLower(message));
        GoldenFile.AssertSame(path, JsonSerializer.Serialize(actual, s_indented).Replace("\r", "", StringComparison.Ordinal) + "\n");
        Assert.True(EsfSignature.Verify(Payments.Schema, message, key.PublicKey));
    }

    /// <summary>A signed message, with the offset of its signature.</summary>
    private sealed record SignedVector(string Schema, string SchemaId, string UnsignedJson, string Seed, string PublicKey, string Context,
        int SignatureOffset, string Bytes);
}
