using System.Text;
using Estream.Circuits;
using Estream.Circuits.Testing;
using Estream.Core;
using Estream.Fuzz.Esf;
using Estream.Testing;

namespace Estream.Fuzz.Circuits;

/// <summary>Damages files of golden vectors: each is read as it is, or rejected with the position of the error. A failure names the seed
/// that repeats it.</summary>
internal static class DamagedVectors
{
    public static void AssertReadOrRefused(CircuitReadResult circuit, string vectors)
    {
        byte[][] files = [Encoding.UTF8.GetBytes(vectors)];
        Assert.Single(CircuitVectors.Read(files[0], "x", circuit.Circuit!, circuit.Schemas));
        for (int seed = 0; seed < LongRun.Count(3_000, 100_000); seed++)
        {
            byte[] damaged = new Bytes(seed).Damaged(files);
            try
            {
                _ = CircuitVectors.Read(damaged, "x", circuit.Circuit!, circuit.Schemas);
            }
            catch (EstreamFormatException refused)
            {
                Assert.StartsWith("x", refused.Message, StringComparison.Ordinal);
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"seed {seed}: {Convert.ToHexString(damaged)}", failure);
            }
        }
    }
}
