using Estream.Core;

namespace Estream.Wire;

/// <summary>Why a queue is paused. If a queue is paused for several reasons, the first of this list is shown.</summary>
internal enum PauseReason
{
    /// <summary>Another process has taken over the queue, or its replication has failed. The process never resumes the queue.</summary>
    Fenced,

    /// <summary>The process has lost its lease. The process never resumes the queue.</summary>
    LeaseLost,

    /// <summary>A caller of <see cref="IngressSinks.Pause(EstreamStorageException?, Func{string, bool})"/> has paused the queue, or an
    /// operator has paused the queue or the adapter.</summary>
    Operator,

    /// <summary>The volume has too little free space.</summary>
    Disk,

    /// <summary>Too many bytes of the queue are not replicated yet.</summary>
    Spool,
}

/// <summary>
/// The pauses of one queue or adapter: a set of reasons, each with one owner that adds and removes it. The queue or adapter accepts
/// messages while the set is empty. Thread-safe. Reading <see cref="Failure"/> allocates nothing and takes no lock.
/// </summary>
internal sealed class IngressControl
{
    private readonly Lock _lock = new();
    private readonly EstreamStorageException?[] _pauses = new EstreamStorageException?[Enum.GetValues<PauseReason>().Length];
    private volatile EstreamStorageException? _failure;

    /// <summary>The failure of the first reason; null if the queue is not paused.</summary>
    public EstreamStorageException? Failure => _failure;

    /// <summary>The present reasons, the first of <see cref="PauseReason"/> first. Takes a short lock.</summary>
    public IReadOnlyList<PauseReason> Reasons
    {
        get
        {
            lock (_lock)
            {
                return [.. Enum.GetValues<PauseReason>().Where(reason => _pauses[(int)reason] is not null)];
            }
        }
    }

    /// <summary>Adds a reason, or replaces its failure.</summary>
    /// <param name="reason">The reason.</param>
    /// <param name="failure">What senders and operators see.</param>
    public void Pause(PauseReason reason, EstreamStorageException failure) => Set(reason, failure);

    /// <summary>Removes a reason. The queue accepts messages again if no other reason is left.</summary>
    public void Resume(PauseReason reason) => Set(reason, null);

    private void Set(PauseReason reason, EstreamStorageException? failure)
    {
        lock (_lock)
        {
            _pauses[(int)reason] = failure;
            _failure = Array.Find(_pauses, static pause => pause is not null);
        }
    }
}
