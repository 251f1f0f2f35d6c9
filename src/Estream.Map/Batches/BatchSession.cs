using Estream.Core;

namespace Estream.Map.Internal;

/// <summary>Manages the life of a batch: filled, committed, filled again, disposed. The public batch types add the requirements.</summary>
internal sealed class BatchSession<TKey, TValue>(StateMap<TKey, TValue> map, BatchPlan<TKey, TValue> plan, BatchSlot<TKey, TValue> slot)
    where TKey : unmanaged
    where TValue : unmanaged
{
    private BatchSlot<TKey, TValue>? _slot = slot;

    public bool IsDisposed => _slot is null;

    /// <summary>Applies the batch in one step, if its requirements are met, and empties it.</summary>
    /// <param name="owner">The batch as its user knows it, for the exception.</param>
    /// <exception cref="ObjectDisposedException">The batch or its map was disposed.</exception>
    public bool Commit(IDisposable owner)
    {
        ObjectDisposedException.ThrowIf(_slot is null, owner);
        bool isDone = map.Commit(plan, _slot);
        if (isDone)
        {
            plan.Clear();
        }

        return isDone;
    }

    /// <summary>Releases the slot of the batch. Idempotent.</summary>
    public void Dispose()
    {
        if (_slot is { } slot)
        {
            _slot = null;
            map.ReleaseBatchSlot(slot);
        }
    }
}

/// <summary>Manages the life of a batch of a byte map, whose index has a separate batch.</summary>
internal sealed class ByteBatchSession(ByteMap map, ByteBatchPlan plan, MapBatch<nuint, nuint> references, bool isVersioned)
{
    /// <summary>Applies the batch in one step, if its requirements are met, and empties it.</summary>
    /// <param name="owner">The batch as its user knows it, for the exception.</param>
    /// <exception cref="ObjectDisposedException">The batch or its map was disposed.</exception>
    public bool Commit(IDisposable owner)
    {
        ObjectDisposedException.ThrowIf(references.IsDisposed, owner);
        bool isDone = isVersioned ? map.CommitVersioned(plan, references) : map.Commit(plan, references);
        if (isDone)
        {
            plan.Clear();
        }

        return isDone;
    }

    /// <summary>Releases the slot of the batch. Idempotent.</summary>
    public void Dispose() => references.Dispose();
}

/// <summary>The writer slot of a batch. The locks and the log of the batch name the slot.</summary>
/// <param name="Number">The number of the slot.</param>
/// <param name="LockOwner">The owner of its locks, in multi-writer mode.</param>
internal sealed record BatchSlot<TKey, TValue>(int Number, LockOwner? LockOwner)
    where TKey : unmanaged
    where TValue : unmanaged
{
    /// <summary>A single writer has no locks; only the log names the slot.</summary>
    private const long OnlyEpoch = 1;

    public long Word { get; } = LockOwner?.Word ?? OwnerWord.Of(Number, OnlyEpoch);

    /// <summary>The log of the slot.</summary>
    public required BatchLog<TKey, TValue> Log { get; init; }
}
