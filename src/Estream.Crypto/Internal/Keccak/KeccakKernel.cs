using System.Runtime.Intrinsics.X86;

namespace Estream.Crypto.Internal.Keccak;

/// <summary>What a permutation is computed with.</summary>
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

/// <summary>Which kernels this processor has.</summary>
/// <remarks>
/// The instructions are asked for, not <c>Vector512.IsHardwareAccelerated</c>: the runtime calls that false on processors that clock down
/// for wide vectors, where eight lanes are the fastest all the same.
/// </remarks>
internal static class KeccakKernels
{
    /// <summary>The one for many states.</summary>
    public static KeccakKernel Best =>
        Avx512F.IsSupported ? KeccakKernel.EightLanes : Avx2.IsSupported ? KeccakKernel.FourLanes : KeccakKernel.Scalar;

    /// <summary>The one for a single state, but for long messages, which <see cref="KeccakKernel.Planes"/> take in where there are
    /// any.</summary>
    public static KeccakKernel BestOfOne => Avx512F.VL.IsSupported ? KeccakKernel.OneLane : KeccakKernel.Scalar;

    /// <summary>Whether the processor can run one.</summary>
    public static bool IsSupported(KeccakKernel kernel) => kernel switch
    {
        KeccakKernel.EightLanes or KeccakKernel.Planes => Avx512F.IsSupported,
        KeccakKernel.FourLanes => Avx2.IsSupported,
        KeccakKernel.OneLane => Avx512F.VL.IsSupported,
        _ => true,
    };
}
