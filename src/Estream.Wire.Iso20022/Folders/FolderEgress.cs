using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Estream.Core;
using Estream.Esf;
using Estream.Wire.Iso20022.Mapping;

namespace Estream.Wire.Iso20022.Folders;

/// <summary>
/// The egress of a folder: writes ESF messages as files for a bank. Parts of a statement are kept, sealed as they are stored, until the
/// last part has arrived; then they become one file, in memory bounded by one part. Thread-safe; one file is written at a time.
/// </summary>
internal sealed class FolderEgress : IDisposable
{
    private const string Xml = ".xml";
    private const string Part = ".part";
    private const string PositionFormat = "D19";
    private const int HashBytes = 16;

    // The maximum number of statements whose last part has not arrived. A sender that fails leaves an unfinished statement.
    private const int MostUnfinished = 64;

    private readonly Dictionary<string, Way> _ways;
    private readonly Iso20022Translator _translator;
    private readonly Iso20022FolderOptions _options;
    private readonly AdapterEventLog _events;
    private readonly OutFolder _out;
    private readonly ArrayBufferWriter<byte> _translated = new();
    private readonly ArrayBufferWriter<byte> _emitted = new();
    private readonly Lock _translating = new();
    private readonly Lock _emitting = new();
    private bool _isDisposed;

    /// <exception cref="WireConfigurationException">The keys of an egress cannot be read.</exception>
    public FolderEgress(Iso20022FolderOptions options, AdapterContext context, AdapterEventLog events)
    {
        _options = options;
        _events = events;
        _translator = new Iso20022Translator(context.Schemas, options.Limits, options.Checks);
        _out = new OutFolder(options.Out!, context);
        _ways = options.Egress.ToDictionary(
            egress => egress.Schema.QualifiedName,
            egress => new Way(egress.Schema, egress.KeyFolder is { } folder ? new EgressKeys(egress.Schema, folder) : null),
            StringComparer.Ordinal);
    }

    /// <summary>Opens the output folder, creates its private folder, and removes files left by a crash.</summary>
    public void Prepare()
    {
        _out.Prepare();
        if (_out.Notice is { } notice)
        {
            _events.Report(AdapterEventKind.Degraded, notice);
        }
    }

    /// <summary>Translates a message. The topic becomes the file name. The payload becomes the content of the file or, for a part of a
    /// statement, the part as it is stored.</summary>
    public TranslateStatus Translate(in EsfMessage message, EgressMessage destination)
    {
        destination.Clear();
        if (!_ways.TryGetValue(message.Schema.QualifiedName, out Way? way))
        {
            return TranslateStatus.NotMapped("no egress covers this schema");
        }

        lock (_translating)
        {
            if (_isDisposed)
            {
                return TranslateStatus.Unsupported("the adapter is closed");
            }

            EsfStatus readable = StatementPart.TryRead(message.Schema, message.Bytes, _translated, out StatementPart part);
            if (!readable.IsOk)
            {
                return TranslateStatus.Of(readable);
            }

            if (MappedMessages.VersionOf(message.Schema, part.Definition) is not { } version)
            {
                return TranslateStatus.NotMapped("message_definition does not name a supported version");
            }

            bool isWhole = part is { Number: 1, IsLast: true };
            Encoding.UTF8.GetBytes(NameOf(message, version.Name) + (isWhole ? Xml : Part), destination.Topic);
            return isWhole ? Write(way, message, destination.Payload) : Keep(message.Bytes, destination.Payload);
        }
    }

    /// <summary>Writes a file to the output folder, or keeps a part of a statement. The file or the part is durable when the method
    /// returns.</summary>
    /// <exception cref="OperationCanceledException">Cancelled while joining a long statement; no file is visible.</exception>
    public EmitStatus Emit(EgressMessage message, CancellationToken cancellation)
    {
        string topic = Encoding.UTF8.GetString(message.Topic.WrittenSpan);
        string name = Path.GetFileNameWithoutExtension(topic);
        bool isPart = topic == name + Part;
        if (name.Length == 0 || name.StartsWith('.') || (!isPart && topic != name + Xml))
        {
            return Refused("the topic was not created by TranslateEgress");
        }

        lock (_emitting)
        {
            try
            {
                if (_isDisposed)
                {
                    return new EmitStatus(EmitCode.NotConnected, "the adapter is closed");
                }

                _out.RequireCurrent();
                return isPart ? EmitPart(name + Xml, message.Payload.WrittenSpan, cancellation)
                    : EmitWhole(topic, message.Payload.WrittenSpan);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or EstreamStorageException)
            {
                return new EmitStatus(EmitCode.Deferred, $"the file cannot be written: {ShownName.Of(e.Message)}");
            }
        }
    }

    public void Dispose()
    {
        lock (_emitting)
        {
            lock (_translating)
            {
                _isDisposed = true;
                _out.Dispose();
                foreach (Way way in _ways.Values)
                {
                    way.Keys?.Dispose();
                }
            }
        }
    }

    private static TranslateStatus Keep(ReadOnlySpan<byte> message, ArrayBufferWriter<byte> payload)
    {
        payload.Write(message);
        return TranslateStatus.Ok;
    }

    private static EmitStatus Refused(string why) => new(EmitCode.Refused, why);

    // Names sort in the order of the queue. Each message has its own name, even if a queue was created again and its positions repeat.
    private static string NameOf(in EsfMessage message, string definition)
    {
        string hash = Convert.ToHexStringLower(SHA256.HashData(message.Bytes).AsSpan(0, HashBytes));
        string place = message.Position < 0 ? "" : message.Position.ToString(PositionFormat, CultureInfo.InvariantCulture) + "-";
        return $"{place}{definition}-{hash}";
    }

    private TranslateStatus Write(Way way, in EsfMessage message, ArrayBufferWriter<byte> payload)
    {
        ReadOnlySpan<byte> open = message.Bytes;
        EsfStatus opened = way.Keys is null ? EsfStatus.Ok : way.Keys.Open(message.Bytes, out open);
        return opened.IsOk ? _translator.ToXml(message.Schema, open, payload) : TranslateStatus.Of(opened);
    }

    private EmitStatus EmitWhole(string name, ReadOnlySpan<byte> content)
    {
        if (_out.Has(name))
        {
            return EmitStatus.Ok;
        }

        using (FileStream file = _out.Begin(name))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }

        _out.Finish(name);
        return EmitStatus.Ok;
    }

    private EmitStatus EmitPart(string name, ReadOnlySpan<byte> content, CancellationToken cancellation)
    {
        if (!TryFind(content, out Way? way) || !StatementPart.TryRead(way.Schema, content, _emitted, out StatementPart part).IsOk)
        {
            return Refused("the payload was not created by TranslateEgress");
        }

        StatementSpool spool = SpoolOf(way.Schema, part);
        if (part.IsLast && _out.Has(name))
        {
            spool.Delete();
            return EmitStatus.Ok;
        }

        return spool.Add(part.Number, content) is { } refused ? Refused(refused)
            : part.IsLast ? Join(name, way, spool, cancellation)
            : EmitStatus.Ok;
    }

    private bool TryFind(ReadOnlySpan<byte> message, [NotNullWhen(true)] out Way? way)
    {
        way = null;
        foreach (Way one in _ways.Values)
        {
            way = one.Schema.Matches(message) ? one : way;
        }

        return way is not null;
    }

    private EmitStatus Join(string name, Way way, StatementSpool spool, CancellationToken cancellation)
    {
        string? refused = null;
        try
        {
            using FileStream file = _out.Begin(name);
            using FileBufferWriter writer = new(file);
            using MessageEgress egress =
                new(way.Schema, Opened(way, spool, cancellation), new Iso20022Validator(_options.Limits, _options.Checks), writer);
            TranslateStatus status = egress.Run();
            refused = status.IsOk ? null : status.Describe(default);
            writer.Flush();
            file.Flush(flushToDisk: true);
        }
        catch (InvalidDataException damaged)
        {
            refused = damaged.Message;
        }

        if (refused is not null)
        {
            _out.Discard(name);
            spool.Delete();
            return Refused(refused);
        }

        _out.Finish(name);
        spool.Delete();
        return EmitStatus.Ok;
    }

    private static IEnumerable<ReadOnlyMemory<byte>> Opened(Way way, StatementSpool spool, CancellationToken cancellation)
    {
        ArrayBufferWriter<byte> open = new();
        try
        {
            foreach (ReadOnlyMemory<byte> part in spool.Read())
            {
                cancellation.ThrowIfCancellationRequested();
                if (way.Keys is { } keys)
                {
                    open.Clear();
                    Open(keys, part.Span, open);
                }

                yield return way.Keys is null ? part : open.WrittenMemory;
            }
        }
        finally
        {
            open.Clear();
        }
    }

    private static void Open(EgressKeys keys, ReadOnlySpan<byte> part, ArrayBufferWriter<byte> destination)
    {
        EsfStatus status = keys.Open(part, out ReadOnlySpan<byte> open);
        if (!status.IsOk)
        {
            throw new InvalidDataException(status.Describe(default));
        }

        destination.Write(open);
    }

    private StatementSpool SpoolOf(EsfSchema schema, in StatementPart part)
    {
        string name = StatementSpool.NameOf(schema.QualifiedName, part.Ids);
        if (part.Number == 1 && _out.Records.StatusOf(name) is null)
        {
            MakeRoom();
        }

        return new StatementSpool(_out.Records, name);
    }

    private void MakeRoom()
    {
        FolderHandle folder = _out.Records;
        List<string> unfinished =
            [.. folder.FileNames().Where(name => name.EndsWith(StatementSpool.Extension, StringComparison.Ordinal))];
        int surplus = unfinished.Count - MostUnfinished + 1;
        foreach (string oldest in unfinished.OrderBy(name => folder.StatusOf(name)?.WrittenNanos).Take(surplus))
        {
            folder.Delete(oldest);
            _events.Report(AdapterEventKind.Degraded,
                $"{MostUnfinished} statements wait for their last part, the maximum. The oldest statement is discarded: its parts are "
                + "in the queue, but no file is written.");
        }
    }

    /// <summary>The messages of a schema, and the keys that decrypt them.</summary>
    private sealed record Way(EsfSchema Schema, EgressKeys? Keys);
}
