using System.Text;
using Estream.Core;
using Estream.Crypto;
using Estream.Esf;
using Estream.Testing;

namespace Estream.Fuzz.Esf;

/// <summary>Loads damaged files of trusted keys by <see cref="EsfTrustedKeys.Load"/>: the result is a set of keys, or an error that names
/// the file. A failure names its seed.</summary>
public sealed class TrustedKeysFuzzTests
{
    [Fact]
    public void A_damaged_file_of_trusted_keys_is_a_set_of_keys_or_is_rejected()
    {
        using TempDirectory directory = new();
        foreach (string name in (string[])["a", "b"])
        {
            using MlDsa87PrivateKey key = MlDsa87PrivateKey.Generate();
            key.PublicKey.Save(directory.Combine(name));
        }

        const string Header = "# estream trusted keys 1\n";
        byte[][] seeds = [.. new[]
        {
            Header + "first a\nsecond b - 2026-11-01T00:00:00Z\n",
            Header + "# comment\r\n\r\nfirst a 2026-11-01T00:00:00Z 2027-11-01T00:00:00Z\r\n",
            Header + "first ./a\tx\n",
            Header + string.Concat(Enumerable.Range(0, 3).Select(i => $"k{i} a\n")),
        }.Select(Encoding.UTF8.GetBytes)];
        string path = directory.Combine("trusted");
        int loaded = 0, refused = 0;
        for (int seed = 0; seed < LongRun.Count(2_000, 200_000); seed++)
        {
            byte[] bytes = new Bytes(seed).Damaged(seeds);
            File.WriteAllBytes(path, bytes);
            try
            {
                EsfTrustedKeys keys = EsfTrustedKeys.Load(path);
                Assert.InRange(keys.Keys.Count, 1, EsfTrustedKeys.MaxKeys);
                loaded++;
            }
            catch (EstreamException error) when (error is EstreamFormatException or EstreamStorageException)
            {
                Assert.Contains(directory.Path, error.Message, StringComparison.Ordinal);
                refused++;
            }
            catch (Exception failure) when (failure is not Xunit.Sdk.XunitException)
            {
                throw new InvalidOperationException($"seed {seed}: {Convert.ToHexString(bytes)}", failure);
            }
        }

        Assert.True(loaded > 0 && refused > 0, $"{loaded} loaded, {refused} refused: the damage does not produce both outcomes");
    }
}
