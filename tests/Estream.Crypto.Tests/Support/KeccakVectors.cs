using System.Text.Json;
using Estream.Crypto.Internal.Keccak;

namespace Estream.Crypto.Tests.Support;

/// <summary>Runs the known answers of the Keccak team.</summary>
internal static class KeccakVectors
{
    /// <summary>Runs all cases and returns their number.</summary>
    public static int Run()
    {
        int count = 0;
        using JsonDocument document = VectorFile.Open("keccak-team-kats-subset");
        foreach (JsonProperty function in document.RootElement.EnumerateObject())
        {
            foreach (JsonElement test in function.Value.EnumerateArray())
            {
                byte[] expected = test.Bytes("digest");
                var actual = new byte[expected.Length];
                KeccakSponge sponge = Begin(function.Name);
                sponge.Absorb(test.Bytes("message"));
                sponge.Squeeze(actual);
                Assert.Equal(expected, actual);
                count++;
            }
        }

        return count;
    }

    /// <summary>Runs the cases of OpenSSL, some of which repeat their input, and returns their number. Skips SHA-256 and SHA-512, which the
    /// library does not implement.</summary>
    public static int RunOpenSsl()
    {
        int count = 0, others = 0;
        using JsonDocument document = VectorFile.Open("openssl-evpmd-subset");
        foreach (JsonProperty function in document.RootElement.EnumerateObject())
        {
            bool isOurs = function.Name is not ("SHA256" or "SHA512");
            foreach (JsonElement test in function.Value.EnumerateArray())
            {
                if (!isOurs)
                {
                    others++;
                    continue;
                }

                byte[] expected = test.Bytes("output"), actual = new byte[expected.Length];
                KeccakSponge sponge = Begin(function.Name);
                for (int i = 0; i < (test.TryGetProperty("repeat", out JsonElement times) ? times.GetInt32() : 1); i++)
                {
                    sponge.Absorb(test.Bytes("input"));
                }

                sponge.Squeeze(actual);
                Assert.Equal(expected, actual);
                count++;
            }
        }

        Assert.Equal(4, others);
        return count;
    }

    private static KeccakSponge Begin(string function) => function switch
    {
        "SHA3-256" => KeccakSponge.Sha3_256(),
        "SHA3-512" => KeccakSponge.Sha3_512(),
        "SHAKE128" => KeccakSponge.Shake128(),
        "SHAKE256" => KeccakSponge.Shake256(),
        _ => throw new InvalidOperationException($"a function '{function}'"),
    };
}
