using System.Globalization;
using Estream.Crypto.Internal.Keccak;
using Estream.Crypto.Internal.MlKem;
using Estream.Crypto.Tests.Support;

namespace Estream.Crypto.Tests;

/// <summary>
/// Entry point for tests that need their own process. Without arguments: runs all vectors, and prints the kernels used and the number of
/// passed cases, or fails with an exception. With arguments: runs the named function.
/// </summary>
internal static class Program
{
    public static void Main(string[] arguments)
    {
        switch (arguments)
        {
            case [WithoutLibCrypto.Argument, string library]:
                WithoutLibCrypto.Run(library);
                break;
            case [TimingCases.Argument, string signatures]:
                TimingCases.Run(int.Parse(signatures, CultureInfo.InvariantCulture));
                break;
            case [CompiledMethods.Argument, string how]:
                CompiledMethods.Run(isWarm: how == "warm");
                break;
            default:
                RunVectors();
                break;
        }
    }

    private static void RunVectors()
    {
        string arithmetic = PolynomialArithmetic.Best == PolynomialArithmetic.Scalar
            ? "Scalar"
            : PolynomialArithmetic.Best == PolynomialArithmetic.Wide ? "256" : "512";
        Console.WriteLine($"{KeccakKernels.Best} {KeccakKernels.BestOfOne} {arithmetic}");
        Console.WriteLine(
            $"{KeccakVectors.Run()} {KeccakVectors.RunOpenSsl()} {HmacVectors.Run()} {KmacVectors.Run()} "
            + $"{KeyGenerationVectors.Run()} {EncapsulationVectors.Run()} {DecapsulationVectors.Run()} {ExpandedKeyVectors.Run()}");
        Console.WriteLine(
            string.Join(' ',
                new[] { 44, 65, 87 }.Select(set =>
                    $"{DsaAcvpVectors.KeyGeneration(set)} {DsaAcvpVectors.Signing(set)} {DsaAcvpVectors.Verifying(set)} "
                    + $"{DsaWycheproofVectors.SigningFromSeeds(set)} {DsaWycheproofVectors.Verifying(set)}")));
        Console.WriteLine(DsaWycheproofVectors.SigningFromExpandedKeys());
    }
}
