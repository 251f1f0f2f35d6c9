using Estream.Core;
using Estream.Fhir;
using Estream.Queue;
using Estream.Wire.Fhir.Resources;
using Estream.Wire.Fhir.Store;

namespace Estream.Wire.Fhir;

/// <summary>
/// Translates changes to messages of esf-health in the order of commits, and stores them in the queues of their types. Deletes have no
/// message. The progress of a type is stored with its messages, so neither a crash nor a takeover by another host repeats messages. Not
/// thread-safe.
/// </summary>
/// <param name="store">The resources.</param>
/// <param name="writer">Appends to the queues.</param>
/// <param name="types">The resource types; at least one.</param>
/// <param name="name">The name of the progress, unique among the readers of the log.</param>
/// <param name="clock">Tells when to store the progress of types without changes.</param>
/// <param name="opened">Called when the progress of all types was found.</param>
internal sealed class ProjectionPump(
    ResourceStore store, IngressWriter writer, IReadOnlyList<string> types, string name, IClock clock, Action opened)
{
    private static readonly TimeSpan s_retryInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_settleInterval = TimeSpan.FromSeconds(10);

    private readonly List<TypeProgress> _progress = [];

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        try
        {
            Open();
            opened();
            using QueueTailer reader = store.CreateTailer();
            reader.Seek(await FindFirstAsync(cancellation).ConfigureAwait(false));
            long last = -1;
            long settledAt = clock.MonotonicNanos;
            while (!cancellation.IsCancellationRequested)
            {
                while (store.TryRead(reader, out long position, out IReadOnlyList<ResourceChange> changes))
                {
                    last = position;
                    await store.WaitConfirmedAsync(position, cancellation).ConfigureAwait(false);
                    await ReceiveAsync(position, changes, cancellation).ConfigureAwait(false);
                }

                if (clock.MonotonicNanos - settledAt >= s_settleInterval.TotalNanoseconds)
                {
                    Settle(last);
                    last = -1;
                    settledAt = clock.MonotonicNanos;
                }

                await reader.WaitToReadAsync(s_settleInterval, cancellation).ConfigureAwait(false);
            }
        }
        finally
        {
            _progress.ForEach(one => one.Tailer.Dispose());
        }
    }

    public static byte[] TopicOf(string type) => System.Text.Encoding.ASCII.GetBytes($"resource/{type}");

    private void Open()
    {
        long? earlier = store.FindEarlierPosition(name);
        foreach (string type in types)
        {
            byte[] topic = TopicOf(type);
            IngressSink sink = writer.SinkOf(topic)!;
            TypeProgress one = new(type, topic, sink, store.CreateConsumer(sink, $"{name}.{type}", earlier));
            _progress.Add(one);
            if (earlier is not null)
            {
                // The queue gets the progress before its first message, so that a takeover finds it.
                sink.TryStoreProgress(one.Tailer);
            }
        }

        if (earlier is not null)
        {
            store.ForgetEarlierPosition(name);
        }
    }

    /// <summary>Waits for the first commit that a type has not finished.</summary>
    private async Task<long> FindFirstAsync(CancellationToken cancellation)
    {
        while (true)
        {
            List<TypeProgress> pending = [.. _progress.Where(one => one.FindFirst())];
            if (pending.Count > 0)
            {
                return pending.Min(one => one.First);
            }

            _progress.ForEach(KeepProgress);
            await _progress[0].Tailer.WaitToReadAsync(s_settleInterval, cancellation).ConfigureAwait(false);
        }
    }

    private async Task ReceiveAsync(long position, IReadOnlyList<ResourceChange> changes, CancellationToken cancellation)
    {
        bool isStored = false;
        foreach (TypeProgress one in _progress.Where(one => position >= one.First))
        {
            List<ReadOnlyMemory<byte>> texts = [.. changes
                .Where(change => change.Type == one.Type && change.Interaction != Interaction.Delete)
                .Select(change => new ReadOnlyMemory<byte>(change.Text))];
            if (texts.Count > 0)
            {
                isStored = true;
                await StoreAsync(one, position, texts, cancellation).ConfigureAwait(false);
            }
        }

        if (isStored)
        {
            await WaitDurableAsync(cancellation).ConfigureAwait(false);
        }
    }

    private async Task StoreAsync(TypeProgress one, long position, List<ReadOnlyMemory<byte>> texts, CancellationToken cancellation)
    {
        one.MovePast(position);
        bool hasProgress = false;
        while (!TryAppend(one, texts, ref hasProgress))
        {
            await Task.Delay(s_retryInterval, cancellation).ConfigureAwait(false);
        }

        if (hasProgress)
        {
            one.NoteProgress();
        }
        else if (!one.TryStoreProgress())
        {
            one.Tailer.Commit();
        }
    }

    private bool TryAppend(TypeProgress one, List<ReadOnlyMemory<byte>> texts, ref bool hasProgress)
    {
        try
        {
            bool isDone = writer.TryAppendAll(one.Topic, texts, one.Tailer, out bool isStored);
            hasProgress |= isStored;
            return isDone;
        }
        finally
        {
            writer.Release();
        }
    }

    private async Task WaitDurableAsync(CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                await writer.WaitDurableAsync(cancellation).ConfigureAwait(false);
                return;
            }
            catch (EstreamStorageException)
            {
                await Task.Delay(s_retryInterval, cancellation).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Stores that all types have finished the commits that were read, also commits without a change of the type.</summary>
    /// <param name="last">The last commit; less than 0 if no commit was read since the last call.</param>
    private void Settle(long last)
    {
        foreach (TypeProgress one in _progress)
        {
            if (last >= one.First)
            {
                one.MovePast(last);
                one.Tailer.Commit();
            }

            KeepProgress(one);
        }
    }

    /// <summary>Stores the progress of a type again before retention deletes it, also if only other writers append to the queue.</summary>
    private static void KeepProgress(TypeProgress one)
    {
        try
        {
            if (one.IsProgressFarBack)
            {
                one.TryStoreProgress();
            }

            one.Sink.Refresh(one.Tailer);
        }
        catch (EstreamStorageException)
        {
            // The queue cannot be flushed now. The next call tries again, and the health of the server names the queue.
        }
    }

    /// <summary>The progress of one resource type.</summary>
    private sealed class TypeProgress(string type, byte[] topic, IngressSink sink, QueueTailer tailer)
    {
        // Often enough that retention deletes no segment with the last progress before the next progress is stored.
        private const int ProgressPerSegment = 4;

        private readonly EstreamQueue _output = sink.Newest.Queue;
        private long _storedAt;

        public string Type => type;

        public byte[] Topic => topic;

        public IngressSink Sink => sink;

        public QueueTailer Tailer => tailer;

        /// <summary>The first commit, present or future, that the type has not finished at the start.</summary>
        public long First { get; private set; }

        /// <summary>Whether much was appended to the queue since the progress was stored in it.</summary>
        public bool IsProgressFarBack => _output.EndPosition() - _storedAt >= _output.SegmentBytes / ProgressPerSegment;

        /// <summary>Records that the queue got the progress just now.</summary>
        public void NoteProgress() => _storedAt = _output.EndPosition();

        /// <summary>Stores the progress in the queue without a message.</summary>
        /// <returns>False if the queue cannot be written now.</returns>
        public bool TryStoreProgress()
        {
            bool isStored = sink.TryStoreProgress(tailer);
            if (isStored)
            {
                NoteProgress();
            }

            return isStored;
        }

        /// <returns>Whether the commit is in the log.</returns>
        public bool FindFirst()
        {
            bool isThere = tailer.TryPeek(out QueueMessage message);
            First = isThere ? message.Position : tailer.Position;
            return isThere;
        }

        public void MovePast(long position)
        {
            // Reads, because a seek would store the position.
            while (tailer.TryPeek(out QueueMessage message) && message.Position <= position)
            {
                tailer.TryRead(out _);
            }
        }
    }
}
