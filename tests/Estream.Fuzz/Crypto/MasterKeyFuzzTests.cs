using System.Text;
using Estream.Core;
using Estream.Crypto;
using Estream.Fuzz.Esf;
using Estream.Testing;

namespace Estream.Fuzz.Crypto;

/// <summary>Reads damaged master key files by <see cref="MasterKeyFile.Read"/>: a file is refused by name, or its wrapped keys are whole.
/// A failure names its seed.</summary>
public sealed class MasterKeyFuzzTests
{
    [Fact]
    public void A_damaged_master_key_file_has_whole_keys_or_is_rejected()
    {
        using TempDirectory directory = new();
        using MlKem1024PrivateKey key = MlKem1024PrivateKey.ImportSeed(new byte[MlKem1024.SeedBytes]);
        (string path, string privateKey) = (directory.Combine("master.keys"), directory.Combine("host.key.pem"));
        MlKem1024KeyFile.WritePrivate(privateKey, key);
        MasterKeyFile.Add(path, "next", key.PublicKey);
        string wrapped = File.ReadAllText(path).TrimEnd();
        string plain = $"old {new string('7', 64)}";
        byte[][] seeds = [.. new[] { wrapped + "\n", $"{wrapped}\n{plain}\n", $"{plain}\n{wrapped}", plain,
            $"# end\n{wrapped}\r\n\t{plain}", $"{plain}\n{plain}" }.Select(Encoding.ASCII.GetBytes)];
        (int read, int refused) = (0, 0);
        for (int seed = 0; seed < LongRun.Count(2_000, 200_000); seed++)
        {
            byte[] bytes = new Bytes(seed).Damaged(seeds);

            // Overwriting the file keeps its mode.
            File.WriteAllBytes(path, bytes);
            try
            {
                using QueueKeyRing ring = MasterKeyFile.Read(path, privateKey);
                Assert.All(
                    Encoding.Latin1.GetString(bytes).Split('\n').Where(line => line.Contains(" ml-kem-1024:", StringComparison.Ordinal)
                        && !line.TrimStart(' ', '\t', '\r').StartsWith('#')),
                    line => Assert.True(line.Trim(' ', '\t', '\r') == wrapped, $"seed {seed}: '{line}' was accepted as a key"));
                read++;
            }
            catch (EstreamKeyException none)
            {
                Assert.Contains(path, none.Message, StringComparison.Ordinal);
                refused++;
            }
            catch (Exception failure) when (failure is not Xunit.Sdk.XunitException)
            {
                throw new InvalidOperationException($"seed {seed}: {Convert.ToHexString(bytes)}", failure);
            }
        }

        Assert.True(read > 0 && refused > 0, $"{read} read, {refused} refused: the damage does not produce both outcomes");
    }
}
