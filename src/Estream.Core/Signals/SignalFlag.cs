using System.Runtime.CompilerServices;

namespace Estream.Core;

/// <summary>
/// Whether a thread may be sleeping at a <see cref="SharedSignal"/>: one load and a compare. If it is set, call <see
/// cref="SharedSignal.Notify"/>. Valid as long as the region of the signal is. Thread-safe.
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

    /// <summary>Whether the flag is set. Read it after the change, in program order; no fence is needed. Throws for the default
    /// value.</summary>
    public bool IsUp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => IsRaised(Volatile.Read(ref *_word));
    }

    internal static bool IsRaised(int flag) => (flag & Raised) != 0;
}
