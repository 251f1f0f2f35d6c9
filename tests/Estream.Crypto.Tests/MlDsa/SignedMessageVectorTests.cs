using System.Text;
using System.Text.Json;
using Estream.Crypto.BouncyCastle;
using Estream.Testing;

namespace Estream.Crypto.Tests.MlDsa;

/// <summary>Verifies the golden signed message of the ESF format with BouncyCastle, by docs/formats/esf.md and without the code of
/// ESF.</summary>
public sealed class SignedMessageVectorTests
{
    [Fact]
    public void BouncyCastle_verifies_the_golden_signed_message()
    {
        using JsonDocument vector = JsonDocument.Parse(File.ReadAllText(
            RepositoryRoot.Combine("tests", "Estream.Esf.Tests", "Vectors", "Signed", "payment.json")));
        byte[] message = Convert.FromHexString(Text(vector, "Bytes"));
        byte[] context = Encoding.UTF8.GetBytes(Text(vector, "Context"));
        Span<byte> region = message.AsSpan(vector.RootElement.GetProperty("SignatureOffset").GetInt32(), MlDsa87.SignatureBytes);
        byte[] signature = region.ToArray();
        region.Clear();
        BouncyCastleMlDsa87Verifier verifier = BouncyCastleMlDsa87Verifier.Import(Convert.FromHexString(Text(vector, "PublicKey")));
        Assert.True(verifier.Verify(message, context, signature));
        message[0] ^= 1;
        Assert.False(verifier.Verify(message, context, signature));
    }

    private static string Text(JsonDocument vector, string name) => vector.RootElement.GetProperty(name).GetString()!;
}
