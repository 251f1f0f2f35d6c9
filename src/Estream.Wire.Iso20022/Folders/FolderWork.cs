using System.Security.Cryptography;
using System.Text;
using Estream.Core;
using Estream.Wire.Iso20022.Mapping;

namespace Estream.Wire.Iso20022.Folders;

/// <summary>Takes what is in a folder into queues, one file after the other. One thread at a time; what it has counted may be asked by
/// any.</summary>
internal sealed class FolderWork : IDisposable
{
    private const string Done = "done";
    private const string Refuse = "refused";
    private const int BufferBytes = 64 * 1024;

    // Files that are taken between two looks at the folder.
    private const int MostAtOnce = 1_000;

    // "pacs.008" and the like.
    private const int TopicChars = 8;

    // A document is one message in its queue, of which the circuit that reads it takes some 250 transactions.
    private const int MaxDocumentBytes = 1024 * 1024;

    private static readonly TimeSpan s_retry = TimeSpan.FromMilliseconds(100);

    private readonly string _folder;
    private readonly AdapterContext _context;
    private readonly IngressWriter _writer;
    private readonly Iso20022Validator _validator;
    private readonly Iso20022Reader _reader;
    private readonly byte[] _buffer = new byte[BufferBytes];

    // What is done with, and has to be moved.
    private Finished? _unmoved;
    private CancellationToken _cancellation;
    private bool _isLettered;
    private bool _isBlocked;
    private long _stored;
    private long _refused;
    private long _bytes;
    private volatile string? _failure;

    public FolderWork(Iso20022FolderOptions options, IngressRoutes routes, AdapterContext context)
    {
        _folder = options.Folder;
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

    /// <summary>Messages that are in their queues.</summary>
    public long Stored => Volatile.Read(ref _stored);

    /// <summary>Files that were refused.</summary>
    public long Refused => Volatile.Read(ref _refused);

    /// <summary>Bytes of files that were read to their ends.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Why a file could not be read or moved at the last look; null when all could.</summary>
    public string? Failure => _failure;

    /// <summary>The topic of files that are stored as they came, for a circuit to read; null where this adapter reads them.</summary>
    public TopicMapping? Documents { get; }

    /// <summary>The folder that files come into, and those in it that they are moved to.</summary>
    public static IEnumerable<string> FoldersIn(string folder) => [folder, Path.Combine(folder, Done), Path.Combine(folder, Refuse)];

    /// <summary>Makes the folders that files are moved to.</summary>
    public void Prepare()
    {
        foreach (string folder in FoldersIn(_folder))
        {
            Directory.CreateDirectory(folder);
        }
    }

    /// <summary>Takes what is there.</summary>
    /// <returns>How many files were taken and moved.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled; the file that was under way is taken again.</exception>
    public int Look(CancellationToken cancellation)
    {
        _cancellation = cancellation;
        Routes.Retry();
        int taken = 0;
        string? failure = null;

        // As long as a file cannot be moved no other one is taken: whoever can move none would store all of them again and again.
        if (TryMove(ref failure))
        {
            foreach (string path in Names(ref failure))
            {
                cancellation.ThrowIfCancellationRequested();
                if (!TryTake(path, ref failure))
                {
                    continue;
                }

                if (!TryMove(ref failure))
                {
                    break;
                }

                taken++;
            }
        }

        _failure = failure;
        return taken;
    }

    public void Dispose()
    {
        _writer.Dispose();
        _validator.Reset();
        _reader.Reset();
        CryptographicOperations.ZeroMemory(_buffer);
    }

    // The first of them, in the order of their names. Who writes a file under another name first, and renames it, is never read half.
    private string[] Names(ref string? failure)
    {
        try
        {
            // Looked at twice: a folder that is written to meanwhile may show a later file and not an earlier one, but not the next time.
            if (Candidates().Max(StringComparer.Ordinal) is not { } last)
            {
                return [];
            }

            PriorityQueue<string, string> first = new(Comparer<string>.Create(static (one, other) => string.CompareOrdinal(other, one)));
            foreach (string path in Candidates().Where(path => string.CompareOrdinal(path, last) <= 0))
            {
                if (first.Count < MostAtOnce)
                {
                    first.Enqueue(path, path);
                }
                else
                {
                    first.EnqueueDequeue(path, path);
                }
            }

            return [.. first.UnorderedItems.Select(item => item.Element).Order(StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            failure = Report($"The folder cannot be read: {e.Message}");
            return [];
        }
    }

    private IEnumerable<string> Candidates()
    {
        return Directory.EnumerateFiles(_folder)
            .Where(path => Path.GetExtension(path) is ".xml" or ".json" && !Path.GetFileName(path).StartsWith('.'));
    }

    private bool TryTake(string path, ref string? failure)
    {
        try
        {
            _unmoved = new Finished(path, TakeContent(path) ? Done : Refuse);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            failure = Report($"{Path.GetFileName(path)} cannot be read now: {e.Message}");
            return false;
        }
    }

    // From here on it is moved, and never read again.
    private bool TryMove(ref string? failure)
    {
        if (_unmoved is not { } done)
        {
            return true;
        }

        try
        {
            string target = Path.Combine(_folder, done.To, Path.GetFileName(done.Path));
            if (File.Exists(done.Path))
            {
                File.Move(done.Path, File.Exists(target) ? $"{target}.{_context.Clock.UtcNanos}" : target);
            }

            _unmoved = null;
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            failure = Report(
                $"{Path.GetFileName(done.Path)} is done with, and cannot be moved to {done.To}, so no other file is taken: {e.Message}");
            return false;
        }
    }

    // What the system says of a file has its name too; so would its exception.
    private string Report(string failure)
    {
        string shown = ShownName.Of(failure);
        Events.Report(AdapterEventKind.Degraded, shown);
        return shown;
    }

    private bool TakeContent(string path)
    {
        string name = ShownName.Of(Path.GetFileName(path));
        _isLettered = false;

        TranslateStatus status = CheckKind(path);
        status = status.IsOk && Documents is null ? Check(path) : status;
        status = !status.IsOk ? status : Documents is null ? Store(path) : StoreDocument(path);
        if (status.IsOk)
        {
            return true;
        }

        Volatile.Write(ref _refused, _refused + 1);

        // Members of JSON can have any name, such as the number of the account they tell of.
        string words = ShownName.Of(status.Describe(default));
        if (!_isLettered)
        {
            Events.Report(AdapterEventKind.DeadLettered, $"The file {name} was refused: {words}.");
        }

        // Without the content, which may be private: it is in the folder of what was refused.
        WireMessage letter = new(Encoding.UTF8.GetBytes(name), default);
        while (!_isLettered && !_context.Ingress.DeadLetters.TryAppend(_context.Clock.UtcNanos, _context.Name, letter, words))
        {
            Wait();
        }

        SetBlocked(false);
        return false;
    }

    /// <summary>To open a pipe waits for who writes to it, and a device need not end.</summary>
    private static TranslateStatus CheckKind(string path)
    {
        try
        {
            FileKinds.ThrowIfSpecial(path);
            return TranslateStatus.Ok;
        }
        catch (EstreamStorageException)
        {
            return TranslateStatus.Unfit("it is a pipe, a socket or a device, and no file");
        }
    }

    private TranslateStatus Check(string path)
    {
        _validator.Reset();
        long length = Feed(path, piece => _validator.Feed(piece));
        bool isRight = _validator.Complete();
        Volatile.Write(ref _bytes, _bytes + length);
        return isRight ? TranslateStatus.Ok : MappedMessages.Wrong(_validator.Findings);
    }

    private TranslateStatus Store(string path)
    {
        try
        {
            _reader.Reset();
            Feed(path, piece => _reader.Feed(piece));
            return _reader.Complete();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Some of it may be stored: to begin again with each look would store that each time.
            return TranslateStatus.Unfit(ShownName.Of($"the file could be read once, and not a second time: {e.Message}"));
        }
        finally
        {
            _reader.Reset();
        }
    }

    private TranslateStatus StoreDocument(string path)
    {
        byte[] document = new byte[MaxDocumentBytes + 1];
        try
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
            int length = file.ReadAtLeast(document, document.Length, throwOnEndOfStream: false);
            Volatile.Write(ref _bytes, _bytes + length);
            return length <= MaxDocumentBytes
                ? Append(Iso20022FolderFactory.DocumentTopic, document.AsSpan(0, length))
                : TranslateStatus.Unfit($"it has more than {MaxDocumentBytes} bytes, the most that a document has");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(document);
        }
    }

    private long Feed(string path, PieceTaker take)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
        long total = 0;
        int length;
        while ((length = file.Read(_buffer)) > 0)
        {
            _cancellation.ThrowIfCancellationRequested();
            total += length;
            if (!take(_buffer.AsSpan(0, length)))
            {
                break;
            }
        }

        CryptographicOperations.ZeroMemory(_buffer);
        return total;
    }

    // A message of the file, or a part of one.
    private TranslateStatus Append(ReadOnlySpan<byte> json) => Append(_reader.Definition![..TopicChars], json);

    // A queue that is full is waited for.
    private TranslateStatus Append(string topic, ReadOnlySpan<byte> payload)
    {
        byte[] name = Encoding.UTF8.GetBytes(topic);
        while (true)
        {
            IngressStatus status = _writer.Append(new WireMessage(name, payload));
            _writer.Release();
            if (status == IngressStatus.Stored)
            {
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
            Events.Report(
                isBlocked ? AdapterEventKind.StorageBlocked : AdapterEventKind.StorageRecovered,
                isBlocked ? $"No files are taken: a queue cannot be written. {Routes.Failure?.Message}" : "Files are taken again.");
        }
    }

    private void Wait()
    {
        SetBlocked(true);
        _cancellation.WaitHandle.WaitOne(s_retry);
        _cancellation.ThrowIfCancellationRequested();
        Routes.Retry();
    }

    private delegate bool PieceTaker(ReadOnlySpan<byte> piece);

    // A file, and the folder it belongs in.
    private sealed record Finished(string Path, string To);
}
