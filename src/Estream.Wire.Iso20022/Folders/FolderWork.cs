using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Estream.Core;
using Estream.Wire.Iso20022.Mapping;

namespace Estream.Wire.Iso20022.Folders;

/// <summary>Moves the content of a folder into queues, file by file. One thread at a time; any thread may read the counters.</summary>
internal sealed class FolderWork : IDisposable
{
    private const int BufferBytes = 64 * 1024;

    // The length of a topic such as "pacs.008".
    private const int TopicChars = 8;

    // A document is one message in its queue. The circuit that parses it accepts some 250 transactions.
    private const int MaxDocumentBytes = 1024 * 1024;

    // The maximum number of refused files in the table.
    private const int MaxRefusals = 100;

    // The maximum number of refused files that wait to be moved.
    private const int MaxUnmoved = 1_000;

    private static readonly TimeSpan s_retry = TimeSpan.FromMilliseconds(100);

    private readonly IncomingFolder _incoming;
    private readonly AdapterContext _context;
    private readonly IngressWriter _writer;
    private readonly Iso20022Validator _validator;
    private readonly Iso20022Reader _reader;
    private readonly byte[] _buffer = new byte[BufferBytes];

    // The hash of a file at its first reading; the second reading must give the same hash.
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    // The processed files that still have to be moved.
    private readonly Dictionary<string, Finished> _unmoved = [];
    private FileProgress? _progress;

    // The name after which the next listing begins; null for the first name.
    private string? _after;
    private CancellationToken _cancellation;
    private bool _isBegun;
    private bool _isLettered;
    private bool _isBlocked;
    private long _stored;
    private long _refused;
    private long _bytes;
    private volatile string? _failure;
    private long _files;
    private long _waiting;
    private long _lastTakenAt;
    private readonly Lock _refusalGate = new();
    private readonly Queue<RefusedFile> _refusals = new();

    public FolderWork(Iso20022FolderOptions options, IngressRoutes routes, AdapterContext context)
    {
        _incoming = new IncomingFolder(options.Folder, context.Place, context.Clock, routes.Durability.IsDurable);
        _context = context;
        Routes = routes;
        Documents = routes.Mappings.FirstOrDefault(mapping => mapping.Payload == PayloadKind.Raw);
        Events = new AdapterEventLog(context.Name, context.Clock, context.Events);
        _writer = new IngressWriter(routes, context, Events);
        _validator = new Iso20022Validator(options.Limits, options.Checks);
        _reader = new Iso20022Reader(Append, options.Limits, options.Checks);
    }

    public IngressRoutes Routes { get; }

    public AdapterEventLog Events { get; }

    /// <summary>The number of messages stored in queues.</summary>
    public long Stored => Volatile.Read(ref _stored);

    /// <summary>The number of refused files.</summary>
    public long Refused => Volatile.Read(ref _refused);

    /// <summary>The number of files that were stored.</summary>
    public long Files => Volatile.Read(ref _files);

    /// <summary>The number of files that the last poll has found and not processed; at most 1,000.</summary>
    public long Waiting => Volatile.Read(ref _waiting);

    /// <summary>When the last file was stored or refused, in nanoseconds since 1970-01-01 UTC; 0 if none was.</summary>
    public long LastTakenAt => Volatile.Read(ref _lastTakenAt);

    /// <summary>The last refused files, at most 100, the oldest first.</summary>
    public IReadOnlyList<RefusedFile> Refusals
    {
        get
        {
            lock (_refusalGate)
            {
                return [.. _refusals];
            }
        }
    }

    /// <summary>The number of bytes of files that were read completely.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Why a file could not be read or moved at the last poll; null if there was no failure.</summary>
    public string? Failure => _failure;

    /// <summary>The mapping of files that are stored unchanged for a circuit to read; null if this adapter reads the files.</summary>
    public TopicMapping? Documents { get; }

    private bool IsStopped => _unmoved.Count >= MaxUnmoved || _unmoved.Values.Any(done => done.IsBegun);

    /// <summary>Opens the folder, and creates the folders that files are moved to.</summary>
    public void Prepare()
    {
        _incoming.Prepare();
        if (_incoming.Notice is { } notice)
        {
            Events.Report(AdapterEventKind.Degraded, notice);
        }
    }

    /// <summary>Whether a path leads to the folder or to a folder in it.</summary>
    public bool Contains(string path) => _incoming.Contains(path);

    /// <summary>Processes the files in the folder.</summary>
    /// <returns>The number of files that were processed and moved.</returns>
    /// <exception cref="OperationCanceledException">Cancelled; the current file will be processed again.</exception>
    public int Look(CancellationToken cancellation)
    {
        _cancellation = cancellation;
        if (_context.Ingress.Control?.Failure is not null)
        {
            return 0;
        }

        Routes.Retry();
        int taken = 0;
        string? failure = null;

        // While a file whose messages are stored cannot be moved, no other file is processed: if no file can be moved, every file would be
        // stored again after each restart. A refused file of which nothing is stored does not stop the others.
        if (TryMoveAll(ref failure))
        {
            IncomingFile[] files = Next(ref failure);
            Volatile.Write(ref _waiting, files.Length);
            int left = 0;
            foreach (IncomingFile file in files)
            {
                cancellation.ThrowIfCancellationRequested();
                if ((file.IsTaken && _unmoved.ContainsKey(file.Name)) || !TryTake(file, out Finished? done, ref failure))
                {
                    left += file.IsTaken ? 0 : 1;
                    continue;
                }

                Volatile.Write(ref _waiting, _waiting - 1);
                taken += TryMove(done, ref failure) ? 1 : 0;
                if (IsStopped)
                {
                    break;
                }
            }

            // Files that cannot be taken must not hide later files.
            _after = left == IncomingFolder.MaxNames ? files[^1].Name : null;
        }

        _failure = failure;
        return taken;
    }

    public void Dispose()
    {
        _writer.Dispose();
        _incoming.Dispose();
        _hash.Dispose();
        _validator.Reset();
        _reader.Reset();
        CryptographicOperations.ZeroMemory(_buffer);
    }

    private IncomingFile[] Next(ref string? failure)
    {
        try
        {
            return _incoming.Next(_after);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or EstreamStorageException)
        {
            failure = Report($"The folder cannot be read: {e.Message}");
            return [];
        }
    }

    private bool TryTake(IncomingFile file, [NotNullWhen(true)] out Finished? done, ref string? failure)
    {
        done = null;
        try
        {
            using FileStream? opened = _incoming.Take(file);
            bool isStored = TakeContent(file.Name, opened);
            done = new Finished(file.Name, isStored, _isBegun);
            _unmoved[file.Name] = done;
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or EstreamStorageException)
        {
            failure = Report($"{file.Name} cannot be read now: {e.Message}");
            return false;
        }
    }

    /// <returns>Whether other files may be processed.</returns>
    private bool TryMoveAll(ref string? failure)
    {
        foreach (Finished done in _unmoved.Values.ToArray())
        {
            TryMove(done, ref failure);
        }

        return !IsStopped;
    }

    /// <summary>Moves a processed file, once its messages are as durable as their queues promise.</summary>
    private bool TryMove(Finished done, ref string? failure)
    {
        try
        {
            _writer.WaitDurable(_cancellation);
            _incoming.Finish(done.File, done.IsStored);
            _unmoved.Remove(done.File);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or EstreamStorageException)
        {
            string where = done.IsStored ? "done" : "refused";
            string effect = IsStopped ? ", so no other file is processed" : "";
            failure = Report($"{done.File} is processed but cannot be moved to {where}{effect}: {e.Message}");
            return false;
        }
    }

    // The text of a system error can contain the file name, and so a private account number.
    private string Report(string failure)
    {
        string shown = ShownName.Of(failure);
        Events.Report(AdapterEventKind.Degraded, shown);
        return shown;
    }

    /// <returns>True if the file was stored; false if it was refused with a dead letter.</returns>
    private bool TakeContent(string taken, FileStream? opened)
    {
        string name = ShownName.Of(taken);
        (_isBegun, _isLettered) = (_incoming.IsBegun(taken), false);
        TranslateStatus status = CheckKind(taken);
        status = status.IsOk ? CheckRecord(taken) : status;
        if (status.IsOk)
        {
            status = opened is null ? OpenAndStore(taken) : Store(taken, opened);
        }

        if (status.IsOk)
        {
            Volatile.Write(ref _files, _files + 1);
            Volatile.Write(ref _lastTakenAt, _context.Clock.UtcNanos);
            return true;
        }

        Volatile.Write(ref _refused, _refused + 1);

        // Names of JSON members are arbitrary and can contain private values, such as an account number.
        string words = ShownName.Of(status.Describe(default));
        if (_incoming.IsBegun(taken))
        {
            // A sender who corrects the file and puts it into the folder again must not repeat these messages.
            words = $"some of its messages may be stored, but {words}";
            _isLettered = false;
        }

        if (!_isLettered)
        {
            Events.Report(AdapterEventKind.DeadLettered, $"The file {name} was refused: {words}.");
        }

        // The dead letter omits the content, which may be private; the file is in the folder for refused files.
        WireMessage letter = new(Encoding.UTF8.GetBytes(name), default);
        while (!_isLettered && !_context.TryAppendDeadLetter(letter, words, words))
        {
            Wait();
        }

        SetBlocked(false);
        NoteRefusal(name, words);
        return false;
    }

    private void NoteRefusal(string name, string reason)
    {
        Volatile.Write(ref _lastTakenAt, _context.Clock.UtcNanos);
        lock (_refusalGate)
        {
            if (_refusals.Count == MaxRefusals)
            {
                _refusals.Dequeue();
            }

            _refusals.Enqueue(new RefusedFile(Refused, _lastTakenAt, name, reason));
        }
    }

    /// <summary>Accepts only regular files: a link may lead to a file that its sender cannot read, and opening a pipe blocks.</summary>
    private TranslateStatus CheckKind(string taken) => _incoming.StatusOf(taken) switch
    {
        { Kind: FileKind.Regular, Links: 1 } => TranslateStatus.Ok,
        { Kind: FileKind.Regular } => TranslateStatus.Unfit("the file has another name (a hard link), under which it can be changed"),
        { Kind: FileKind.Link } => TranslateStatus.Unfit("it is a symbolic link, not a file; put the file itself into the folder"),
        _ => TranslateStatus.Unfit("it is a pipe, a socket or a device, not a file"),
    };

    private TranslateStatus CheckRecord(string taken) => _incoming.HasEarlierRecord(taken)
        ? TranslateStatus.Unfit("an earlier version was interrupted in the file, and its record does not say which messages are stored")
        : TranslateStatus.Ok;

    private TranslateStatus OpenAndStore(string taken)
    {
        FileStream file;
        try
        {
            file = _incoming.Open(taken);
        }
        catch (EstreamStorageException denied) when (denied.Reason == StorageFailure.AccessDenied)
        {
            // The file must not block its name until its sender permits reading again.
            return TranslateStatus.Unfit($"the file can no longer be read: {denied.Message}");
        }

        using (file)
        {
            return Store(taken, file);
        }
    }

    private TranslateStatus Store(string taken, FileStream file) =>
        Documents is null ? CheckAndStore(taken, file) : StoreDocument(taken, file);

    private TranslateStatus CheckAndStore(string taken, FileStream file)
    {
        _validator.Reset();
        long length = Feed(file, piece => _validator.Feed(piece), out byte[] checkedHash);
        bool isRight = _validator.Complete();
        Volatile.Write(ref _bytes, _bytes + length);
        if (!isRight)
        {
            return MappedMessages.Wrong(_validator.Findings);
        }

        using FileProgress progress = Begin(taken, checkedHash);
        try
        {
            if (progress.IsOfOtherContent)
            {
                return TranslateStatus.Unfit("its sender changed it after some of its messages were stored");
            }

            _reader.Reset();
            file.Position = 0;
            Feed(file, piece => _reader.Feed(piece), out byte[] storedHash);
            TranslateStatus status = _reader.Complete();
            return status.IsOk && !storedHash.AsSpan().SequenceEqual(checkedHash)
                ? TranslateStatus.Unfit("its sender changed it while it was read, so the stored messages may differ from the checked ones")
                : status;
        }
        catch (IOException e)
        {
            // Some messages may be stored: the next poll must not store them again.
            return TranslateStatus.Unfit(ShownName.Of($"the file could be read once, but not a second time: {e.Message}"));
        }
        finally
        {
            _reader.Reset();
            _writer.Note = _progress = null;
        }
    }

    private TranslateStatus StoreDocument(string taken, FileStream file)
    {
        byte[] document = new byte[MaxDocumentBytes + 1];
        try
        {
            int length = file.ReadAtLeast(document, document.Length, throwOnEndOfStream: false);
            Volatile.Write(ref _bytes, _bytes + length);
            if (length > MaxDocumentBytes)
            {
                return TranslateStatus.Unfit($"the file has more than {MaxDocumentBytes} bytes, the maximum of a document");
            }

            using FileProgress progress = Begin(taken, SHA256.HashData(document.AsSpan(0, length)));
            return progress.IsOfOtherContent
                ? TranslateStatus.Unfit("its sender changed it after it was stored")
                : Append(Iso20022FolderFactory.DocumentTopic, document.AsSpan(0, length));
        }
        finally
        {
            _writer.Note = _progress = null;
            CryptographicOperations.ZeroMemory(document);
        }
    }

    /// <summary>Opens the record of the file, to find out which of its messages were stored before a crash, and to record the others
    /// before they are stored.</summary>
    private FileProgress Begin(string taken, byte[] content)
    {
        _isBegun = true;
        _progress = _incoming.Begin(taken, content);
        _writer.Note = _progress;
        return _progress;
    }

    private long Feed(FileStream file, PieceTaker take, out byte[] hash)
    {
        long total = 0;
        int length;
        while ((length = file.Read(_buffer)) > 0)
        {
            _cancellation.ThrowIfCancellationRequested();
            total += length;
            _hash.AppendData(_buffer, 0, length);
            if (!take(_buffer.AsSpan(0, length)))
            {
                break;
            }
        }

        CryptographicOperations.ZeroMemory(_buffer);
        hash = _hash.GetHashAndReset();
        return total;
    }

    // Appends a message of the file, or a part of a message.
    private TranslateStatus Append(ReadOnlySpan<byte> json) => Append(_reader.Definition![..TopicChars], json);

    // Waits while the queue is full.
    private TranslateStatus Append(string topic, ReadOnlySpan<byte> payload)
    {
        byte[] name = Encoding.UTF8.GetBytes(topic);
        if (_writer.SinkOf(name) is { } sink && _progress!.IsStored(sink))
        {
            return TranslateStatus.Ok;
        }

        while (true)
        {
            IngressStatus status = _writer.Append(new WireMessage(name, payload));
            _writer.Release();
            if (status == IngressStatus.Stored)
            {
                _progress!.Advance();
                SetBlocked(false);
                Volatile.Write(ref _stored, _stored + 1);
                return TranslateStatus.Ok;
            }

            if (status != IngressStatus.Blocked)
            {
                _isLettered = true;
                return TranslateStatus.Unfit("the message is among the dead letters");
            }

            Wait();
        }
    }

    private void SetBlocked(bool isBlocked)
    {
        if (isBlocked != _isBlocked)
        {
            _isBlocked = isBlocked;
            _failure = isBlocked && Routes.Failure is null ? WhyBlocked() : null;
            Events.Report(
                isBlocked ? AdapterEventKind.StorageBlocked : AdapterEventKind.StorageRecovered,
                isBlocked ? $"No files are processed: {WhyBlocked()}" : "Files are processed again.");
        }
    }

    private string WhyBlocked() => Routes.Failure is null && _progress?.Failure is { } failure
        ? ShownName.Of($"the record of the file cannot be written. {failure.Message}")
        : $"a queue cannot be written. {Routes.Failure?.Message}";

    private void Wait()
    {
        SetBlocked(true);
        _cancellation.WaitHandle.WaitOne(s_retry);
        _cancellation.ThrowIfCancellationRequested();
        Routes.Retry();
    }

    private delegate bool PieceTaker(ReadOnlySpan<byte> piece);

    // A processed file in the folder "taking", whether it was stored or refused, and whether some of its messages may be stored.
    private sealed record Finished(string File, bool IsStored, bool IsBegun);
}

/// <summary>A refused file. <paramref name="Name"/> and <paramref name="Reason"/> contain no private values.</summary>
/// <param name="Number">The number of the refusal since the start of the adapter, from 1.</param>
/// <param name="At">When it was refused, in nanoseconds since 1970-01-01 UTC.</param>
/// <param name="Name">The name of the file.</param>
/// <param name="Reason">Why it was refused.</param>
internal sealed record RefusedFile(long Number, long At, string Name, string Reason);
