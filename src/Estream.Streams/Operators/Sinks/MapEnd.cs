using Estream.Core;
using Estream.Queue;

namespace Estream.Streams.Operators;

/// <summary>
/// The end of a pipeline that writes to a map. The named tailer counts an event as consumed when the next event is requested, so after a
/// crash one event is processed again. The map may already contain that event; processing it again changes nothing.
/// </summary>
/// <param name="origin">The map.</param>
/// <param name="canBeginLater">True if the map can be rebuilt from the messages that the queue retains, even if earlier messages were
/// reclaimed.</param>
internal sealed class MapEnd<TKey, TValue>(MapOrigin<TKey, TValue> origin, bool canBeginLater) : PipelineEnd
    where TKey : unmanaged
    where TValue : unmanaged
{
    public override ResultCount Results => origin.Results;

    public override QueueTailer OpenTailer(EstreamQueue queue, string name)
    {
        QueueTailer tailer = queue.CreateTailer(name);
        try
        {
            if (!origin.IsConsistentUpTo(tailer.Position))
            {
                Rebuild(queue, tailer);
            }
            else if (origin.IsBuffered && origin.Newest < tailer.Position)
            {
                Resume(tailer);
            }

            // After the commits above. In the other order, a crash in between would lose values.
            origin.IsBuffered = false;
            return tailer;
        }
        catch
        {
            tailer.Dispose();
            throw;
        }
    }

    public override void Commit(QueueTailer tailer) => tailer.Commit();

    public override void StartOver(QueueTailer tailer)
    {
        origin.Clear();
        tailer.SeekToStart();
        tailer.Commit();
    }

    private void Rebuild(EstreamQueue queue, QueueTailer tailer)
    {
        long given = queue.GetInfo().FirstSequence;
        if (!canBeginLater && !origin.IsNew && given > 0)
        {
            throw new EstreamCorruptionException(
                $"The map '{origin.Map.Directory}' does not match what this pipeline has read from '{queue.Directory}', and cannot "
                + $"be rebuilt, because the queue has reclaimed its first {given} messages. "
                + "Restore the map from a copy, or clear it to start with the remaining messages.", origin.Map.Directory);
        }

        StartOver(tailer);
    }

    private void Resume(QueueTailer tailer)
    {
        SeekToNewest(tailer);
        tailer.Commit();
    }

    private void SeekToNewest(QueueTailer tailer)
    {
        try
        {
            if (tailer.TrySeek(origin.Newest))
            {
                return;
            }
        }
        catch (EstreamStorageException)
        {
            // Retention has deleted the message. Continue at the oldest retained message.
        }

        tailer.SeekToStart();
    }
}
