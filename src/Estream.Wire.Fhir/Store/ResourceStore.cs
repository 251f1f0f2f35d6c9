using System.Buffers;
using System.Text.Json;
using Estream.Core;
using Estream.Esf;
using Estream.Esf.Items;
using Estream.Fhir;
using Estream.Queue;
using Estream.Wire.Fhir.Access;
using Estream.Wire.Fhir.Codec;
using Estream.Wire.Fhir.Resources;
using Estream.Wire.Fhir.Search;

namespace Estream.Wire.Fhir.Store;

/// <summary>
/// The resources of a server. The queue is the truth: one message for each commit, with all its changes. Versions, facts and indexes are in
/// memory, and are rebuilt from the queue at the start; texts are read from the queue. Thread-safe.
/// </summary>
internal sealed class ResourceStore : IDisposable
{
    private static readonly JsonDocumentOptions s_options = new() { MaxDepth = FhirEncoder.MaxDepth, AllowDuplicateProperties = false };

    private readonly ResourceIndex _index = new();
    private readonly ReaderWriterLockSlim _gate = new(LockRecursionPolicy.NoRecursion);
    private readonly Lock _reading = new();
    private readonly IngressSink _sink;
    private readonly IngressWriter _writer;
    private readonly EgressKeys _keys;
    private readonly IClock _clock;
    private QueueTailer? _tailer;

    /// <param name="sink">The queue.</param>
    /// <param name="writer">Appends to the queue; owned by the store.</param>
    /// <param name="keys">Opens the messages of the queue; owned by the store.</param>
    /// <param name="facts">Reads the facts of resources.</param>
    /// <param name="clock">The clock for meta.lastUpdated.</param>
    /// <param name="events">Reports skipped messages.</param>
    public ResourceStore(
        IngressSink sink, IngressWriter writer, EgressKeys keys, FactReader facts, IClock clock, AdapterEventLog events)
    {
        (_sink, _writer, _keys, Facts, _clock) = (sink, writer, keys, facts, clock);
        Skipped = new SkippedMessages(sink.Name, events);
    }

    /// <summary>The messages of the queue that are not commits.</summary>
    public SkippedMessages Skipped { get; }

    /// <summary>Reads the facts of resources.</summary>
    public FactReader Facts { get; }

    /// <summary>One thread commits at a time. Hold this lock from the check of a precondition to the commit.</summary>
    public Lock Writing { get; } = new();

    /// <summary>Why the queue cannot be written; null if it can.</summary>
    public EstreamStorageException? Failure => _sink.Failure;

    /// <summary>The number of versions.</summary>
    public int VersionCount => Read(static index => index.Log.Count);

    /// <summary>Rebuilds the indexes from the queue. Skips messages that are not commits of a server.</summary>
    /// <exception cref="WireConfigurationException">A commit is sealed for other keys. Without it, resources and consents would be
    /// missing.</exception>
    public void Rebuild()
    {
        _tailer = _sink.Newest.Queue.CreateTailer();
        while (_tailer.TryRead(out QueueMessage message))
        {
            CommitContent content = Read(message.Payload, out List<ResourceChange> changes);
            if (content == CommitContent.Withheld)
            {
                throw new WireConfigurationException("Keys",
                    $"do not open the commit with sequence number {message.Sequence} of queue '{_sink.Name}': it was sealed for other "
                    + "keys. Name the folder with the private key of an audience of FhirCommit, and keep earlier keys there.");
            }

            if (content == CommitContent.Foreign || !_index.IsNext(changes))
            {
                Skipped.Add(message.Position, message.Sequence);
                continue;
            }

            for (int i = 0; i < changes.Count; i++)
            {
                _index.Apply(changes[i], message.Position, i);
            }
        }
    }

    /// <summary>Reads the index under the lock.</summary>
    public T Read<T>(Func<ResourceIndex, T> read)
    {
        _gate.EnterReadLock();
        try
        {
            return read(_index);
        }
        finally
        {
            _gate.ExitReadLock();
        }
    }

    /// <summary>Reads the text of a version.</summary>
    /// <returns>Null after a delete.</returns>
    public byte[]? ReadText(ResourceVersion version)
    {
        lock (_reading)
        {
            QueueTailer tailer = _tailer ?? throw new InvalidOperationException("Start the adapter before it reads.");
            tailer.Seek(version.Position);
            if (!tailer.TryRead(out QueueMessage message))
            {
                throw new EstreamCorruptionException($"Queue '{_sink.Name}' has no message at {version.Position}. Verify the queue.",
                    null);
            }

            int number = 0;
            _keys.Open(message.Payload, out ReadOnlySpan<byte> opened);
            CommitText.TryRead(opened, out EsfArray<FhirCommit.ChangesItemView, FhirCommit.ChangesItemView> changes);
            foreach (FhirCommit.ChangesItemView change in changes)
            {
                if (number++ == version.Index)
                {
                    return change.HasResource ? change.Resource.ToArray() : null;
                }
            }

            throw new EstreamCorruptionException(
                $"The message at {version.Position} of queue '{_sink.Name}' has fewer changes than before. Verify the queue.", null);
        }
    }

    /// <summary>The time for the next commit: never before the last one.</summary>
    public long NextTime()
    {
        const long Milli = 1_000_000;
        long now = _clock.UtcNanos / Milli * Milli;
        return Math.Max(now, Read(static index => index.LastUpdated));
    }

    /// <summary>Commits changes as one message. The caller holds <see cref="Writing"/>.</summary>
    /// <param name="changes">The changes, in order.</param>
    /// <param name="author">The name of the principal.</param>
    /// <returns>The outcome; if it is <see cref="CommitStatus.Committed"/>, the position to wait for with <see
    /// cref="WaitDurableAsync"/>.</returns>
    public (CommitStatus Status, long Position) Commit(IReadOnlyList<ResourceChange> changes, string author)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(CommitText.MaxLength(changes));
        try
        {
            int length = CommitText.Write(changes, author, buffer);
            if (length > _sink.Newest.Queue.MaxMessageBytes)
            {
                return (CommitStatus.TooLong, 0);
            }

            IngressStatus status = _writer.Append(new WireMessage("commit"u8, buffer.AsSpan(0, length)));

            // Before the release: another thread may append progress to the queue afterwards.
            long position = _sink.Newest.Position;
            _writer.Release();
            if (status != IngressStatus.Stored)
            {
                return (status == IngressStatus.Blocked ? CommitStatus.Blocked : CommitStatus.TooLong, 0);
            }

            Apply(changes, position);
            return (CommitStatus.Committed, position);
        }
        finally
        {
            buffer.AsSpan().Clear();
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Waits until a commit is as durable as its queue promises.</summary>
    /// <exception cref="EstreamStorageException">The flush failed: the commit must not be acknowledged.</exception>
    public ValueTask WaitDurableAsync(long position, CancellationToken cancellation) => _sink.Durability.IsDurable
        ? _sink.Newest.Queue.WaitDurableAsync(position, cancellation) : default;

    /// <summary>Waits until a takeover cannot lose a commit. Readers of the log wait before they store or send a change. Otherwise
    /// another commit could get the position, and a reader on the new host would skip that commit.</summary>
    /// <exception cref="EstreamException">Replication has failed, or another host has taken over the log.</exception>
    public ValueTask WaitConfirmedAsync(long position, CancellationToken cancellation) =>
        IngressSink.WaitConfirmedAsync(_sink.Newest.Queue, position, cancellation);

    /// <summary>Checks JSON and reads it. Duplicate members are refused, because readers would disagree about them; and so are escapes of
    /// half a surrogate pair, which are not Unicode.</summary>
    public static JsonDocument? TryParse(ReadOnlyMemory<byte> json)
    {
        try
        {
            JsonDocument document = JsonDocument.Parse(json, s_options);
            CheckEscapes(json.Span);
            return document;
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <exception cref="InvalidOperationException">A text is not Unicode.</exception>
    private static void CheckEscapes(ReadOnlySpan<byte> json)
    {
        if (json.IndexOf("\\u"u8) < 0)
        {
            return;
        }

        Utf8JsonReader reader = new(json, new JsonReaderOptions { MaxDepth = FhirEncoder.MaxDepth });
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped)
            {
                reader.GetString();
            }
        }
    }

    /// <summary>Reads the next commit of the log. Waits until the indexes have the commit.</summary>
    /// <param name="reader">A tailer of the log.</param>
    /// <param name="position">The position of the commit; -1 if there is none.</param>
    /// <param name="changes">Its changes; empty for a message that is not a commit in the indexes, which the reader skips.</param>
    /// <returns>Whether there is another commit.</returns>
    public bool TryRead(QueueTailer reader, out long position, out IReadOnlyList<ResourceChange> changes)
    {
        bool isRead = reader.TryRead(out QueueMessage message);
        position = isRead ? message.Position : -1;
        changes = isRead ? ReadChanges(message) : [];
        return isRead;
    }

    private List<ResourceChange> ReadChanges(scoped in QueueMessage message)
    {
        lock (Writing)
        {
            // A commit is in the log before it is in the indexes; both happen under this lock.
        }

        CommitContent content;
        List<ResourceChange> changes;
        lock (_reading)
        {
            content = Read(message.Payload, out changes);
        }

        long position = message.Position;
        if (content == CommitContent.Readable && Read(index => index.Holds(changes, position)))
        {
            return changes;
        }

        Skipped.Add(position, message.Sequence);
        return [];
    }

    /// <summary>A tailer of the log.</summary>
    public QueueTailer CreateTailer() => _sink.Newest.Queue.CreateTailer();

    /// <summary>A tailer of the log whose progress a queue stores; see <see cref="IngressSink.CreateConsumer"/>.</summary>
    /// <param name="output">The queue; null for the log itself.</param>
    /// <param name="name">The name, unique among the readers of the log.</param>
    /// <param name="start">Where a new reader starts if the queue has no progress of it; null for the oldest message.</param>
    public QueueTailer CreateConsumer(IngressSink? output, string name, long? start) =>
        (output ?? _sink).CreateConsumer(_sink.Newest.Queue, name, start);

    /// <summary>Stores the progress of a tailer of the log in the log, so that a copy of the log has the progress.</summary>
    /// <returns>False if the queue cannot be written now.</returns>
    public bool TryStoreProgress(QueueTailer consumer) => _sink.TryStoreProgress(consumer);

    /// <summary>The position that an earlier version of the server stored with a named tailer; null for none.</summary>
    public long? FindEarlierPosition(string name)
    {
        EstreamQueue queue = _sink.Newest.Queue;
        if (!queue.ListTailers().Contains(name))
        {
            return null;
        }

        using QueueTailer tailer = queue.CreateTailer(name);
        return tailer.Position;
    }

    /// <summary>Removes the named tailer of an earlier version of the server.</summary>
    public void ForgetEarlierPosition(string name) => _sink.Newest.Queue.RemoveTailer(name);

    public void Dispose()
    {
        lock (_reading)
        {
            _tailer?.Dispose();
            _keys.Dispose();
        }

        _writer.Dispose();
        _gate.Dispose();
    }

    private CommitContent Read(ReadOnlySpan<byte> message, out List<ResourceChange> changes)
    {
        changes = [];
        if (!_keys.Open(message, out ReadOnlySpan<byte> opened).IsOk)
        {
            return CommitContent.Foreign;
        }

        if (!CommitText.TryRead(opened, out EsfArray<FhirCommit.ChangesItemView, FhirCommit.ChangesItemView> items))
        {
            return CommitContent.Withheld;
        }

        foreach (FhirCommit.ChangesItemView item in items)
        {
            changes.Add(CommitText.ToChange(item, Facts));
        }

        return CommitContent.Readable;
    }

    private void Apply(IReadOnlyList<ResourceChange> changes, long position)
    {
        _gate.EnterWriteLock();
        try
        {
            for (int i = 0; i < changes.Count; i++)
            {
                _index.Apply(changes[i], position, i);
            }
        }
        finally
        {
            _gate.ExitWriteLock();
        }
    }
}

/// <summary>The outcome of a commit.</summary>
internal enum CommitStatus
{
    /// <summary>The changes are in the queue.</summary>
    Committed,

    /// <summary>The queue cannot be written now; try again.</summary>
    Blocked,

    /// <summary>The changes are longer than a message of the queue can be.</summary>
    TooLong,
}

/// <summary>What a message of the log is.</summary>
internal enum CommitContent
{
    /// <summary>A commit that the keys open.</summary>
    Readable,

    /// <summary>A commit that was sealed for other keys.</summary>
    Withheld,

    /// <summary>Not a commit, or changed after it was sealed.</summary>
    Foreign,
}
