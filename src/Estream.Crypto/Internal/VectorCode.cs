using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Estream.Crypto.Internal.Keccak;
using Estream.Crypto.Internal.MlDsa;

namespace Estream.Crypto.Internal;

/// <summary>Compiles the vector code on another thread, while scalar code computes the first keys and signatures of the process.</summary>
/// <remarks>
/// ReadyToRun does not compile vector code, and the JIT compiler took most of the time to the first signature. The ReadyToRun image
/// contains the scalar code. Scalar and vector code compute identical numbers, so a key can switch between them from call to call.
/// </remarks>
internal static class VectorCode
{
    private static Task? s_compiled;
    private static volatile bool s_isCompiling;

    /// <summary>A task that completes when everything is compiled; null before the first key.</summary>
    public static Task? Compiled => Volatile.Read(ref s_compiled);

    /// <summary>True while the compilation is in progress. A call of vector code would then wait for the compiler.</summary>
    public static bool IsCompiling => s_isCompiling;

    /// <summary>Starts the compilation at the first call.</summary>
    /// <returns>A task that completes when everything is compiled.</returns>
    public static Task Begin()
    {
        if (Compiled is { } compiled)
        {
            return compiled;
        }

        // If several threads create the first keys at once, only one thread starts the task. Each thread then finds Compiled set.
        Task made = new(Run);
        Task? earlier = Interlocked.CompareExchange(ref s_compiled, made, null);
        if (earlier is null)
        {
            s_isCompiling = true;
            made.Start(TaskScheduler.Default);
        }

        return earlier ?? made;
    }

    // Calls each method once, on zeroes, so that the runtime compiles it.
    private static void Run()
    {
        try
        {
            ParameterSet parameters = ParameterSet.MlDsa87;
            PolynomialArithmetic arithmetic = PolynomialArithmetic.Fastest;
            int[] one = new int[Field.N], two = new int[Field.N];
            byte[] bytes = new byte[Field.N], encoded = new byte[2 * parameters.ResponseBytes];
            arithmetic.Forward(one);
            arithmetic.Sum(one, one, two);
            arithmetic.SumLess(one, one, one, one, two);
            arithmetic.Inverse(two);
            arithmetic.AddCanonical(two, one);
            arithmetic.Center(one);
            arithmetic.Decompose(parameters, two, bytes);
            arithmetic.Multiply(two, two, one);
            arithmetic.SubtractWithin(two, one, parameters.Gamma2);
            arithmetic.AddWithin(two, one, parameters.Gamma2);
            arithmetic.IsWithin(two, parameters.Gamma2);
            arithmetic.Carries(parameters.Gamma2, two, bytes);
            if (Avx2.IsSupported)
            {
                ResponseEncoding.DecodeVectors(parameters.ResponseBits, parameters.Gamma1, encoded, one);
                MatrixSampling.AcceptVectors(bytes, new int[Field.N]);
            }

            ulong[] state = new ulong[KeccakX8.StateWords];
            new KeccakX8(state, KeccakRate.Shake256, KeccakRate.ShakeSuffix, KeccakKernels.Fastest).Permute();
            if (KeccakKernels.IsSupported(KeccakKernel.OneLane))
            {
                Permutation.Run<Vector128<ulong>, OneLane>(state, 1);
            }
        }
        finally
        {
            s_isCompiling = false;
        }
    }
}
