using System.Runtime.CompilerServices;

namespace Estream.Core;

/// <summary>
/// Whether somebody may sleep at a <see cref="SharedSignal"/>, for a publisher that counts instructions: one load and a compare. When it
/// is up, <see cref="SharedSignal.Notify"/> does the rest. Valid as long as the signal's region is; any thread may look.
/// </summary>
public readonly unsafe struct SignalFlag
{
    internal const int Raised = 1;

    private readonly int* _word;

    internal SignalFlag(RegionSpan word)
    {
        // SAFETY: four bytes of a region that outlives this value, checked by the window; only read here.
        _word = (int*)word.Slice(0, sizeof(int)).Address;
    }

    /// <summary>Look behind the change, in the order of the program; no fence is needed. The default value has nothing to look at and
    /// throws.</summary>
    public bool IsUp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => IsRaised(Volatile.Read(ref *_word));
    }

    internal static bool IsRaised(int flag) => (flag & Raised) != 0;
}
