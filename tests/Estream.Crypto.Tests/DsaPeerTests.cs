using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Estream.Crypto.Internal.MlDsa;
using Estream.Crypto.Tests.Support;
using Estream.Testing;

namespace Estream.Crypto.Tests;

/// <summary>
/// Compares with independent implementations in both directions, on random keys, messages and contexts: each side verifies the signatures
/// of the other and rejects them for another message. Keys in every form and deterministic signatures are byte-identical.
/// </summary>
public sealed class DsaPeerTests
{
    private static readonly int s_cases = LongRun.Count(30, 1_000);

    [PeerFact("npm", "npm")]
    public void Noble_post_quantum_agrees_in_both_directions()
    {
        NobleCase[] cases = [.. Enumerable.Range(0, s_cases).Select(NobleCase.Of)];
        NobleAnswer[] answers =
            NodeScript.Ask<NobleCase, NobleAnswer>("Noble", "signatures.mjs", _ => Peer.Require("node", "nodejs"), cases);
        Assert.All(cases.Zip(answers), pair => pair.First.Check(pair.Second));
    }

    [PeerFact("npm", "npm")]
    public void OpenSSL_in_Node_24_agrees_in_both_directions()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64)
        {
            // The package is for this platform only; elsewhere the other peers remain.
            return;
        }

        OpenSslCase[] cases = [.. Enumerable.Range(0, s_cases).Select(OpenSslCase.Of)];
        OpenSslAnswer[] answers = NodeScript.Ask<OpenSslCase, OpenSslAnswer>("Node24", "peer.mjs", NodeScript.Node24, cases);
        Assert.All(cases.Zip(answers), pair => pair.First.Check(pair.Second));
    }

    private sealed record NobleAnswer(string PublicKey, string PrivateKey, bool Verified, bool VerifiedOther, string Deterministic,
        string Hedged);

    private sealed record NobleCase(int Set, string Seed, string Data, string Context, string Signature)
    {
        private static readonly int[] s_sets = [44, 65, 87, 87];

        public static NobleCase Of(int number)
        {
            int set = s_sets[number % s_sets.Length];
            byte[] seed = DsaKeys.Bytes(number, MlDsa87.SeedBytes), data = DsaKeys.Bytes(number + 1, number * 7),
            context = DsaKeys.Bytes(number + 2, number * 11 % 256);
            SigningKey key = DsaKeys.FromSeed(DsaKeys.Set(set), seed).Key;
            byte[] signature =
                DsaKeys.Sign(key, DsaKeys.Mu(key.Verification, data, context), RandomNumberGenerator.GetBytes(MlDsa87.SeedBytes));
            return new NobleCase(set, Convert.ToHexString(seed), Convert.ToHexString(data), Convert.ToHexString(context),
                Convert.ToHexString(signature));
        }

        public void Check(NobleAnswer answer)
        {
            (SigningKey key, byte[] expanded) = DsaKeys.FromSeed(DsaKeys.Set(Set), Convert.FromHexString(Seed));
            byte[] mu = DsaKeys.Mu(key.Verification, Convert.FromHexString(Data), Convert.FromHexString(Context));
            Assert.Equal(answer.PublicKey, Convert.ToHexStringLower(key.Verification.Encoded.Span));
            Assert.Equal(answer.PrivateKey, Convert.ToHexStringLower(expanded));
            Assert.True(answer.Verified);
            Assert.False(answer.VerifiedOther);
            Assert.Equal(answer.Deterministic, Convert.ToHexStringLower(DsaKeys.Sign(key, mu, new byte[MlDsa87.SeedBytes])));
            byte[] hedged = Convert.FromHexString(answer.Hedged);
            Assert.True(key.Verification.Verify(mu, hedged));
            mu[0] ^= 1;
            Assert.False(key.Verification.Verify(mu, hedged));
        }
    }

    private sealed record OpenSslAnswer(
        string Algorithm, string PublicOfSeed, string PublicOfExpanded, bool Verified, bool VerifiedOther, string Signature,
        string SeedAgain,
        string TheirPrivate, string TheirPublic, string TheirSignature);

    private sealed record OpenSslCase(string SeedPem, string ExpandedPem, string PublicPem, string Data, string Context, string Signature)
    {
        public static OpenSslCase Of(int number)
        {
            byte[] data = DsaKeys.Bytes(number + 1, number * 7), context = DsaKeys.Bytes(number + 2, number * 11 % 256);
            using MlDsa87PrivateKey key = DsaKeys.Numbered(number);
            using MlDsa87PrivateKey expanded = MlDsa87PrivateKey.Import(DsaKeys.Export(key));
            return new OpenSslCase(
                Pem(key), Pem(expanded), key.PublicKey.ExportSubjectPublicKeyInfoPem(), Convert.ToHexString(data),
                Convert.ToHexString(context),
                Convert.ToHexString(DsaKeys.Sign(key, data, context)));
        }

        public void Check(OpenSslAnswer answer)
        {
            byte[] data = Convert.FromHexString(Data), context = Convert.FromHexString(Context);
            using MlDsa87PrivateKey key = MlDsa87PrivateKey.ImportPem(Encoding.ASCII.GetBytes(SeedPem));
            using MlDsa87PrivateKey again = MlDsa87PrivateKey.ImportPem(Encoding.ASCII.GetBytes(answer.SeedAgain));
            using MlDsa87PrivateKey theirs = MlDsa87PrivateKey.ImportPem(Encoding.ASCII.GetBytes(answer.TheirPrivate));
            MlDsa87PublicKey theirPublic = MlDsa87PublicKey.ImportText(Encoding.ASCII.GetBytes(answer.TheirPublic));
            Assert.Equal("ml-dsa-87", answer.Algorithm);
            Assert.Equal(PublicPem, answer.PublicOfSeed);
            Assert.Equal(PublicPem, answer.PublicOfExpanded);
            Assert.True(answer.Verified);
            Assert.False(answer.VerifiedOther);
            Assert.True(key.PublicKey.Verify(data, context, Convert.FromHexString(answer.Signature)));
            Assert.Equal(DsaKeys.Export(key), DsaKeys.Export(again));
            Assert.True(again.HasSeed);
            Assert.Equal(answer.TheirPublic, theirs.PublicKey.ExportSubjectPublicKeyInfoPem());
            Assert.True(theirPublic.Verify(data, context, Convert.FromHexString(answer.TheirSignature)));
            Assert.False(key.PublicKey.Verify(data, context, Convert.FromHexString(answer.TheirSignature)));
        }

        private static string Pem(MlDsa87PrivateKey key)
        {
            var info = new byte[key.Pkcs8PrivateKeyBytes];
            key.ExportPkcs8PrivateKey(info);
            return PemEncoding.WriteString("PRIVATE KEY", info);
        }
    }
}
