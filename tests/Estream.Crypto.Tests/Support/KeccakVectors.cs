using System.Text.Json;
using Estream.Crypto.Internal.Keccak;

namespace Estream.Crypto.Tests.Support;

/// <summary>The known answers of the Keccak team.</summary>
internal static class KeccakVectors
{
    /// <summary>Computes all of them; how many there were.</summary>
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

    private static KeccakSponge Begin(string function) => function switch
    {
        "SHA3-256" => KeccakSponge.Sha3_256(),
        "SHA3-512" => KeccakSponge.Sha3_512(),
        "SHAKE128" => KeccakSponge.Shake128(),
        "SHAKE256" => KeccakSponge.Shake256(),
        _ => throw new InvalidOperationException($"a function '{function}'"),
    };
}
