using System.Runtime.CompilerServices;

namespace Estream.Crypto.Internal;

/// <summary>Allocates and clears memory for secrets.</summary>
internal static class Secret
{
    /// <summary>Overwrites memory even if nothing reads it afterwards, as <c>CryptographicOperations.ZeroMemory</c> does for
    /// bytes.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.NoOptimization)]
    public static void Clear<T>(Span<T> memory)
        where T : unmanaged => memory.Clear();

    /// <summary>Allocates an array that the garbage collector does not move, so no copies of its content remain elsewhere.</summary>
    public static T[] Allocate<T>(int length)
        where T : unmanaged => GC.AllocateArray<T>(length, pinned: true);
}
