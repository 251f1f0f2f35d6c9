using System.Runtime.Intrinsics.X86;

namespace Estream.Crypto.Internal.Keccak;

/// <summary>The implementations of the permutation.</summary>
internal enum KeccakKernel
{
    /// <summary>One state in general registers, on every processor.</summary>
    Scalar,

    /// <summary>One state in vectors of 128 bits (AVX-512VL).</summary>
    OneLane,

    /// <summary>Four states in vectors of 256 bits (AVX2).</summary>
    FourLanes,

    /// <summary>Eight states in vectors of 512 bits (AVX-512F).</summary>
    EightLanes,

    /// <summary>One state in five vectors of 512 bits (AVX-512F).</summary>
    Planes,
}

/// <summary>Selects the kernels that this processor supports.</summary>
/// <remarks>
/// Checks the instruction sets rather than <c>Vector512.IsHardwareAccelerated</c>: the runtime reports false on processors that lower their
/// clock for wide vectors, although eight lanes are still the fastest there.
/// </remarks>
internal static class KeccakKernels
{
    /// <summary>The fastest kernel for many states that is compiled: the scalar kernel until <see cref="VectorCode"/> has compiled the
    /// others.</summary>
    public static KeccakKernel Best => VectorCode.IsCompiling ? KeccakKernel.Scalar : Fastest;

    /// <summary>The fastest kernel for many states.</summary>
    public static KeccakKernel Fastest =>
        Avx512F.IsSupported ? KeccakKernel.EightLanes : Avx2.IsSupported ? KeccakKernel.FourLanes : KeccakKernel.Scalar;

    /// <summary>The fastest kernel for a single state and short messages that is compiled. Long messages use
    /// <see cref="KeccakKernel.Planes"/> if supported.</summary>
    public static KeccakKernel BestOfOne =>
        !VectorCode.IsCompiling && Avx512F.VL.IsSupported ? KeccakKernel.OneLane : KeccakKernel.Scalar;

    /// <summary>Whether the processor supports a kernel.</summary>
    public static bool IsSupported(KeccakKernel kernel) => kernel switch
    {
        KeccakKernel.EightLanes or KeccakKernel.Planes => Avx512F.IsSupported,
        KeccakKernel.FourLanes => Avx2.IsSupported,
        KeccakKernel.OneLane => Avx512F.VL.IsSupported,
        _ => true,
    };
}
