using System.Buffers;
using System.Text;
using Estream.Wire.Iso20022.Mapping;

namespace Estream.Wire.Iso20022.Connections;

/// <summary>Validates received messages and stores them in queues. Nothing of an invalid message is stored, only a dead letter without its
/// content. Allocates nothing for valid messages. Not thread-safe.</summary>
internal sealed class DocumentIntake : IDisposable
{
    private const int KeptBytes = 64 * 1024;

    private static readonly (string Name, byte[] Topic)[] s_topics =
        [.. MappedMessages.Names.Select(name => (name, Encoding.ASCII.GetBytes(name)))];

    private readonly AdapterContext _context;
    private readonly AdapterEventLog _events;
    private readonly IngressWriter _writer;
    private readonly Iso20022Reader _reader;
    private readonly TrialBuffer _trial = new();
    private readonly List<int> _ends = [];
    private readonly byte[] _id = new byte[MessageIds.MaxBytes];
    private ArrayBufferWriter<byte> _json = new();
    private byte[] _topic = [];
    private int _idLength;
    private int _next;
    private bool _isTried;
    private bool _isDone;

    /// <param name="routes">The mappings, with the names of messages as topics.</param>
    /// <param name="context">The services of the host.</param>
    /// <param name="events">Receives events.</param>
    /// <param name="limits">The limits on messages.</param>
    /// <param name="checks">How messages are checked.</param>
    public DocumentIntake(
        IngressRoutes routes, AdapterContext context, AdapterEventLog events, Iso20022Limits limits, Iso20022Checks checks)
    {
        _context = context;
        _events = events;
        _writer = new IngressWriter(routes, context, events);
        _reader = new Iso20022Reader(Take, limits, checks);
    }

    /// <summary>The peer that sends the messages, and what it may send; null if it is not known.</summary>
    public WirePeer? Identity
    {
        get;
        set
        {
            field = value;
            _writer.Peer = value?.CertificateName;
        }
    }

    /// <summary>Whether the message is valid; after <see cref="TryStore"/> also whether all its parts are stored.</summary>
    public TranslateStatus Status { get; private set; }

    /// <summary>The kind of the first error.</summary>
    public string Reason { get; private set; } = "";

    /// <summary>The name and version of the message; null if there is no schema for the message.</summary>
    public string? Definition { get; private set; }

    /// <summary>The id of the message in UTF-8; empty if it cannot be read.</summary>
    public ReadOnlySpan<byte> MessageId => _id.AsSpan(0, _idLength);

    /// <summary>The message as JSON of its schema, or the first statement; empty if the message is invalid.</summary>
    public ReadOnlyMemory<byte> First => _ends.Count == 0 ? default : _json.WrittenMemory[.._ends[0]];

    /// <summary>Reads and validates a message.</summary>
    /// <param name="document">The message as XML or JSON.</param>
    public void Read(ReadOnlySpan<byte> document)
    {
        Clear();
        _reader.Reset();
        _reader.Feed(document);
        Status = _reader.Complete();
        Definition = _reader.Definition;
        if (Status.IsOk)
        {
            _topic = TopicOf(Definition!);
            _idLength = MessageIds.Read(First.Span, _id);
            CheckAllowed();
        }
        else
        {
            Reason = _reader.Findings.Count > 0 ? _reader.Findings[0].Reason.ToString() : Status.Code.ToString();
            _idLength = MessageIds.Find(document, _id);
            Forget();
        }

        _reader.Reset();
    }

    private void CheckAllowed()
    {
        if (Identity is { Allowed.Count: > 0 } peer && !peer.Allows(Encoding.ASCII.GetString(_topic)))
        {
            Status = TranslateStatus.NotMapped($"messages {Encoding.ASCII.GetString(_topic)} are not accepted from {peer.CertificateName}");
            Reason = nameof(TranslateCode.NotMapped);
            Forget();
        }
    }

    /// <summary>Stores the message, or its dead letter. Continues after the last stored part if called again.</summary>
    /// <returns>False if a queue cannot be written now.</returns>
    public bool TryStore()
    {
        try
        {
            _isDone = _isDone || (Status.IsOk ? TryStoreParts() : TryWriteDeadLetter());
            return _isDone;
        }
        finally
        {
            _writer.Release();
        }
    }

    /// <summary>Completes when the stored messages are as durable as their queues promise.</summary>
    /// <exception cref="Core.EstreamStorageException">A flush failed: acknowledge nothing.</exception>
    public ValueTask WaitDurableAsync(CancellationToken cancellation) => _writer.WaitDurableAsync(cancellation);

    /// <summary>Overwrites the buffers, which contain private values as plaintext.</summary>
    public void Dispose()
    {
        Forget();
        _reader.Reset();
        _writer.Dispose();
    }

    private static byte[] TopicOf(string definition)
    {
        foreach ((string name, byte[] topic) in s_topics)
        {
            if (definition.StartsWith(name, StringComparison.Ordinal))
            {
                return topic;
            }
        }

        return [];
    }

    private TranslateStatus Take(ReadOnlySpan<byte> json)
    {
        _json.Write(json);
        _ends.Add(_json.WrittenCount);
        return TranslateStatus.Ok;
    }

    private ReadOnlySpan<byte> Part(int index)
    {
        int begin = index == 0 ? 0 : _ends[index - 1];
        return _json.WrittenSpan[begin.._ends[index]];
    }

    private bool TryStoreParts()
    {
        SkipToUnfit();
        while (_next < _ends.Count)
        {
            IngressStatus status = _writer.Append(new WireMessage(_topic, Part(_next)));
            if (status == IngressStatus.Blocked)
            {
                return false;
            }

            _next++;
            if (status != IngressStatus.Stored)
            {
                // The writer has stored the dead letter.
                Reason = status.ToString();
                Status = TranslateStatus.Unfit(status == IngressStatus.NotMapped
                    ? $"messages {Encoding.ASCII.GetString(_topic)} are not accepted here"
                    : "a value of the message does not fit its field");
                return true;
            }
        }

        return true;
    }

    /// <summary>Translates all parts without storing them. If one does not fit, only this part is appended, and becomes a dead letter, so
    /// that nothing of a rejected message is stored.</summary>
    private void SkipToUnfit()
    {
        for (int index = 0; !_isTried && _ends.Count > 1 && index < _ends.Count; index++)
        {
            if (!_trial.Fits(_writer, new WireMessage(_topic, Part(index))))
            {
                _next = index;
                break;
            }
        }

        _isTried = true;
    }

    private bool TryWriteDeadLetter()
    {
        string why = Status.Describe(default);
        why = Identity is { } peer && Reason != nameof(TranslateCode.NotMapped) ? $"{why} (from {peer.CertificateName})" : why;
        WireMessage letter = new(Encoding.ASCII.GetBytes(Definition ?? "unknown"), default);
        if (!_context.TryAppendDeadLetter(letter, why, Status.Group))
        {
            return false;
        }

        _events.Report(AdapterEventKind.DeadLettered, $"A message went to the dead letters: {why}.");
        return true;
    }

    private void Clear()
    {
        Forget();
        _topic = [];
        _idLength = 0;
        _next = 0;
        _isTried = false;
        _isDone = false;
        Status = TranslateStatus.Ok;
        Definition = null;
    }

    private void Forget()
    {
        _json.Clear();
        _ends.Clear();
        if (_json.Capacity > KeptBytes)
        {
            _json = new ArrayBufferWriter<byte>();
        }
    }
}
