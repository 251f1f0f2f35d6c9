using System.Security.Cryptography;
using System.Text.Json;
using Estream.Crypto.Tests.Support;
using Estream.Testing;

namespace Estream.Crypto.Tests;

/// <summary>
/// Compares with independent implementations in both directions: each side decapsulates the secrets of the other, keys are byte-identical,
/// and changed ciphertexts give the same rejection secret.
/// </summary>
public sealed class PeerTests
{
    private static readonly int s_cases = LongRun.Count(30, 1_000);

    [PeerFact("npm", "npm")]
    public void Noble_post_quantum_agrees_in_both_directions()
    {
        using TempDirectory folder = new();
        foreach (string file in new[] { "package.json", "package-lock.json", ".npmrc", "peer.mjs" })
        {
            File.Copy(RepositoryRoot.Combine("tests", "Estream.Crypto.Tests", "Noble", file), folder.Combine(file));
        }

        ChildProcess.Run(Peer.Require("npm", "npm"), ["ci", "--silent"], folder.Path).EnsureSuccess();
        NobleCase[] cases = [.. Enumerable.Range(0, s_cases).Select(NobleCase.Of)];
        File.WriteAllText(folder.Combine("cases.json"), JsonSerializer.Serialize(cases));
        ChildProcess.Run(Peer.Require("node", "nodejs"), ["peer.mjs", "cases.json", "answers.json"], folder.Path).EnsureSuccess();
        NobleAnswer[] answers = JsonSerializer.Deserialize<NobleAnswer[]>(File.ReadAllText(folder.Combine("answers.json")))!;
        Assert.Equal(cases.Length, answers.Length);
        Assert.All(cases.Zip(answers), pair => pair.First.Check(pair.Second));
    }

    [Fact]
    public void The_platform_agrees_in_both_directions_if_it_supports_ML_KEM()
    {
        for (int number = 0; MLKem.IsSupported && number < s_cases; number++)
        {
            using MlKem1024PrivateKey ours = Keys.Numbered(number);
            var seed = new byte[MlKem1024.SeedBytes];
            ours.ExportSeed(seed);
            using MLKem theirs = MLKem.ImportPrivateSeed(MLKemAlgorithm.MLKem1024, seed);
            Assert.Equal(theirs.ExportEncapsulationKey(), Keys.Export(ours.PublicKey));
            Assert.Equal(theirs.ExportDecapsulationKey(), Keys.Export(ours));
            (byte[] ciphertext, byte[] secret) = Keys.Encapsulate(ours.PublicKey);
            Assert.Equal(secret, theirs.Decapsulate(ciphertext));
            theirs.Encapsulate(out byte[] theirCiphertext, out byte[] theirSecret);
            Assert.Equal(theirSecret, Keys.Decapsulate(ours, theirCiphertext));
            ciphertext[number] ^= 1;
            Assert.Equal(theirs.Decapsulate(ciphertext), Keys.Decapsulate(ours, ciphertext));
        }
    }

    private sealed record NobleAnswer(string PublicKey, string PrivateKey, string Secret, string Rejected, string Ciphertext,
        string CiphertextSecret);

    private sealed record NobleCase(string Seed, string Ciphertext, string Changed, string Secret)
    {
        public static NobleCase Of(int number)
        {
            using MlKem1024PrivateKey key = Keys.Numbered(number);
            var seed = new byte[MlKem1024.SeedBytes];
            key.ExportSeed(seed);
            (byte[] ciphertext, byte[] secret) = Keys.Encapsulate(key.PublicKey);
            byte[] changed = [.. ciphertext];
            changed[number * 37 % changed.Length] ^= 0x10;
            return new NobleCase(Convert.ToHexString(seed), Convert.ToHexString(ciphertext), Convert.ToHexString(changed),
                Convert.ToHexStringLower(secret));
        }

        public void Check(NobleAnswer answer)
        {
            using MlKem1024PrivateKey key = MlKem1024PrivateKey.ImportSeed(Convert.FromHexString(Seed));
            Assert.Equal(answer.PublicKey, Convert.ToHexStringLower(Keys.Export(key.PublicKey)));
            Assert.Equal(answer.PrivateKey, Convert.ToHexStringLower(Keys.Export(key)));
            Assert.Equal(answer.Secret, Secret);
            Assert.Equal(answer.Rejected, Convert.ToHexStringLower(Keys.Decapsulate(key, Convert.FromHexString(Changed))));
            Assert.Equal(answer.CiphertextSecret,
                Convert.ToHexStringLower(Keys.Decapsulate(key, Convert.FromHexString(answer.Ciphertext))));
        }
    }
}
