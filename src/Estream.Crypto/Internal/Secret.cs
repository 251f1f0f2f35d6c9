using System.Runtime.CompilerServices;

namespace Estream.Crypto.Internal;

/// <summary>Memory that has held a secret.</summary>
internal static class Secret
{
    /// <summary>Overwrites memory, whether or not anybody reads it afterwards: what <c>CryptographicOperations.ZeroMemory</c> does for
    /// bytes.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.NoOptimization)]
    public static void Clear<T>(Span<T> memory)
        where T : unmanaged => memory.Clear();

    /// <summary>An array that the garbage collector does not move, so that no copies of it stay behind.</summary>
    public static T[] Allocate<T>(int length)
        where T : unmanaged => GC.AllocateArray<T>(length, pinned: true);
}
