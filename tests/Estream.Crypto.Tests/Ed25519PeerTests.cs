using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Estream.Crypto.Tests.Support;
using Estream.Testing;

namespace Estream.Crypto.Tests;

/// <summary>Compares with an OpenSSL other than the system's in both directions, on random keys and messages: keys and signatures are
/// byte-identical.</summary>
public sealed class Ed25519PeerTests
{
    private static readonly int s_cases = LongRun.Count(30, 1_000);

    [PeerFact("npm", "npm")]
    public void OpenSSL_in_Node_24_agrees_in_both_directions()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64)
        {
            // The package is for this platform only; elsewhere the vectors remain.
            return;
        }

        Case[] cases = [.. Enumerable.Range(0, s_cases).Select(Case.Of)];
        Answer[] answers = NodeScript.Ask<Case, Answer>("Node24", "ed25519.mjs", NodeScript.Node24, cases);
        Assert.All(cases.Zip(answers), pair => pair.First.Check(pair.Second));
    }

    private sealed record Answer(
        string Algorithm, string PublicAgain, string PrivateAgain, bool Verified, bool VerifiedOther, string Signature,
        string TheirPrivate, string TheirPublic, string TheirSignature);

    private sealed record Case(string PrivatePem, string PublicPem, string Data, string Signature)
    {
        public static Case Of(int number)
        {
            byte[] data = DsaKeys.Bytes(number + 1, number * 7), info = new byte[Ed25519.Pkcs8PrivateKeyBytes],
            signature = new byte[Ed25519.SignatureBytes];
            using Ed25519PrivateKey key = Ed25519PrivateKey.ImportSeed(DsaKeys.Bytes(number, Ed25519.SeedBytes));
            key.ExportPkcs8PrivateKey(info);
            key.Sign(data, [], signature);
            return new Case(
                PemEncoding.WriteString("PRIVATE KEY", info), key.PublicKey.ExportSubjectPublicKeyInfoPem(), Convert.ToHexString(data),
                Convert.ToHexStringLower(signature));
        }

        public void Check(Answer answer)
        {
            byte[] data = Convert.FromHexString(Data), signature = new byte[Ed25519.SignatureBytes];
            Assert.Equal("ed25519", answer.Algorithm);
            Assert.Equal(PublicPem, answer.PublicAgain);
            Assert.Equal(PrivatePem + "\n", answer.PrivateAgain);
            Assert.True(answer.Verified);
            Assert.False(answer.VerifiedOther);
            Assert.Equal(Signature, answer.Signature);
            using Ed25519PrivateKey theirs = Ed25519PrivateKey.ImportPem(Encoding.ASCII.GetBytes(answer.TheirPrivate));
            Ed25519PublicKey theirPublic = Ed25519PublicKey.ImportText(Encoding.ASCII.GetBytes(answer.TheirPublic));
            Assert.Equal(answer.TheirPublic, theirs.PublicKey.ExportSubjectPublicKeyInfoPem());
            Assert.True(theirPublic.Verify(data, [], Convert.FromHexString(answer.TheirSignature)));
            theirs.Sign(data, [], signature);
            Assert.Equal(answer.TheirSignature, Convert.ToHexStringLower(signature));
        }
    }
}
