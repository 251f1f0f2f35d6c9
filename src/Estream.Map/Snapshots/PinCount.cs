namespace Estream.Map.Internal;

/// <summary>
/// Counts the snapshots that use memory in addition to its owner. The last user frees the memory, unless that is left to the garbage
/// collector. A mutable struct: do not copy it.
/// </summary>
internal struct PinCount
{
    private int _count;
    private int _isOwnerGone;
    private int _isTaken;

    public readonly bool IsAny => Volatile.Read(in _count) != 0;

    public void Add() => Interlocked.Increment(ref _count);

    /// <returns>Whether the caller was the last and must free the memory.</returns>
    public bool Remove() => Interlocked.Decrement(ref _count) == 0 && Volatile.Read(ref _isOwnerGone) != 0 && TryTake();

    /// <returns>Whether the owner was the last and must free the memory.</returns>
    public bool RemoveOwner()
    {
        // Owner and snapshot both store before they load, with a full fence in between: at least one sees that the other is gone.
        Interlocked.Exchange(ref _isOwnerGone, 1);
        return Volatile.Read(ref _count) == 0 && TryTake();
    }

    private bool TryTake() => Interlocked.Exchange(ref _isTaken, 1) == 0;
}
