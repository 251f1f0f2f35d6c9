using Estream.Crypto.Internal.Keccak;
using Estream.Crypto.Internal.MlKem;
using Estream.Crypto.Tests.Support;

namespace Estream.Crypto.Tests;

/// <summary>All vectors, in a process of their own: prints what was used to compute them and how many were right, or ends with an exception.</summary>
internal static class Program
{
    public static void Main()
    {
        string arithmetic = PolynomialArithmetic.Best == PolynomialArithmetic.Scalar ? "Scalar" : PolynomialArithmetic.Best == PolynomialArithmetic.Wide ? "256" : "512";
        Console.WriteLine($"{KeccakKernels.Best} {KeccakKernels.BestOfOne} {arithmetic}");
        Console.WriteLine($"{KeccakVectors.Run()} {HmacVectors.Run()} {KmacVectors.Run()} {KeyGenerationVectors.Run()} {EncapsulationVectors.Run()} {DecapsulationVectors.Run()} {ExpandedKeyVectors.Run()}");
        Console.WriteLine(string.Join(' ', new[] { 44, 65, 87 }.Select(set => $"{DsaAcvpVectors.KeyGeneration(set)} {DsaAcvpVectors.Signing(set)} {DsaAcvpVectors.Verifying(set)} {DsaWycheproofVectors.SigningFromSeeds(set)} {DsaWycheproofVectors.Verifying(set)}")));
        Console.WriteLine(DsaWycheproofVectors.SigningFromExpandedKeys());
    }
}
