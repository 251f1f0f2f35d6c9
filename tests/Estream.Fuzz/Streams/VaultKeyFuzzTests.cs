using System.Text;
using Estream.Esf;
using Estream.Fuzz.Esf;
using Estream.Streams;
using Estream.Testing;

namespace Estream.Fuzz.Streams;

/// <summary>Loads damaged key files of a vault by <see cref="CardVaultKey.Load"/>: the result is a key if the file holds one, or the error
/// that it holds none. A failure names its seed.</summary>
public sealed class VaultKeyFuzzTests
{
    [Fact]
    public void A_damaged_vault_key_file_is_a_key_or_is_rejected()
    {
        using TempDirectory directory = new();
        string path = directory.Combine("vault.key");
        CardVaultKey.Create(path).Dispose();
        string digits = File.ReadAllText(path).TrimEnd();
        byte[][] seeds = [.. new[] { digits + "\n", digits.ToUpperInvariant() + "\r\n", digits, digits + "  ", digits[1..],
            digits + digits + digits + digits }.Select(Encoding.ASCII.GetBytes)];
        int loaded = 0;
        int refused = 0;
        for (int seed = 0; seed < LongRun.Count(2_000, 200_000); seed++)
        {
            byte[] bytes = new Bytes(seed).Damaged(seeds);

            // Overwriting the file keeps its mode.
            File.WriteAllBytes(path, bytes);
            try
            {
                using CardVaultKey key = CardVaultKey.Load(path);
                string text = Encoding.Latin1.GetString(bytes).TrimEnd(' ', '\r', '\n');
                Assert.True(text.Length == 2 * CardVaultKey.Bytes && text.All(char.IsAsciiHexDigit),
                    $"seed {seed}: '{text}' was accepted as a key");
                loaded++;
            }
            catch (EsfKeyException none)
            {
                Assert.Contains(path, none.Message, StringComparison.Ordinal);
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
