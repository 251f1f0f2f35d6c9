namespace Estream.Map.Internal;

/// <summary>
/// Who looks at memory beside its owner: snapshots. The last one to leave, owner or holder, takes the memory away, unless the garbage
/// collector is left to find out that nobody reads it any more. A mutable field, not to be copied.
/// </summary>
internal struct Holders
{
    private int _count;
    private int _isOwnerGone;
    private int _isTaken;

    public readonly bool IsAny => Volatile.Read(in _count) != 0;

    public void Add() => Interlocked.Increment(ref _count);

    /// <returns>Whether the caller was the last of all and is to take the memory away.</returns>
    public bool Remove() => Interlocked.Decrement(ref _count) == 0 && Volatile.Read(ref _isOwnerGone) != 0 && TryTake();

    /// <returns>Whether the owner was the last of all and is to take the memory away.</returns>
    public bool RemoveOwner()
    {
        // Both tell before they look, with a full fence in between: of a last holder and the owner at least one sees that the other is
        // gone.
        Interlocked.Exchange(ref _isOwnerGone, 1);
        return Volatile.Read(ref _count) == 0 && TryTake();
    }

    private bool TryTake() => Interlocked.Exchange(ref _isTaken, 1) == 0;
}
