using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Estream.Esf;
using Estream.Wire.Iso20022.Mapping;
using Estream.Wire.Iso20022.Payments;

namespace Estream.Wire.Iso20022.Connections;

/// <summary>Translates stored messages to documents, and reads the ids of documents. Thread-safe.</summary>
internal sealed class OutgoingMessages : IDisposable
{
    private readonly Dictionary<string, EgressKeys?> _keys;
    private readonly Iso20022Translator _translator;
    private readonly Iso20022Reader _reader;
    private readonly ArrayBufferWriter<byte> _json = new();
    private readonly Lock _lock = new();
    private bool _isDisposed;

    /// <exception cref="WireConfigurationException">The keys of an egress cannot be read.</exception>
    public OutgoingMessages(Iso20022ClientOptions options, Iso20022Limits limits, EsfSchemaSet schemas)
    {
        _translator = new Iso20022Translator(schemas, limits, options.Checks);
        _reader = new Iso20022Reader(Take, limits, Iso20022Checks.Schema);
        _keys = options.Egress.ToDictionary(
            egress => egress.Schema.QualifiedName,
            egress => egress.KeyFolder is { } folder ? new EgressKeys(egress.Schema, folder) : null,
            StringComparer.Ordinal);
    }

    /// <summary>Translates a stored message. The topic becomes its name and version, the payload the document.</summary>
    public TranslateStatus Translate(in EsfMessage message, EgressMessage destination)
    {
        destination.Clear();
        if (!_keys.TryGetValue(message.Schema.QualifiedName, out EgressKeys? keys))
        {
            return TranslateStatus.NotMapped("no egress covers this schema");
        }

        lock (_lock)
        {
            if (_isDisposed)
            {
                return TranslateStatus.Unsupported("the adapter is closed");
            }

            EsfStatus readable = StatementPart.TryRead(message.Schema, message.Bytes, _json, out StatementPart part);
            if (!readable.IsOk)
            {
                return TranslateStatus.Of(readable);
            }

            if (part is not { Number: 1, IsLast: true })
            {
                return TranslateStatus.Unfit("it is a part of a statement; only an adapter iso20022-folder joins the parts of a statement");
            }

            ReadOnlySpan<byte> open = message.Bytes;
            EsfStatus opened = keys is null ? EsfStatus.Ok : keys.Open(message.Bytes, out open);
            if (!opened.IsOk)
            {
                return TranslateStatus.Of(opened);
            }

            Encoding.ASCII.GetBytes(part.Definition ?? "", destination.Topic);
            return _translator.ToXml(message.Schema, open, destination.Payload);
        }
    }

    /// <summary>Reads the ids of a document.</summary>
    /// <param name="document">The document.</param>
    /// <returns>The ids; null if the document is not valid.</returns>
    public OutgoingIds? Read(ReadOnlySpan<byte> document)
    {
        lock (_lock)
        {
            try
            {
                _reader.Reset();
                _reader.Feed(document);
                if (!_reader.Complete().IsOk)
                {
                    return null;
                }

                bool isTransfer = _reader.Definition!.StartsWith("pacs.008.", StringComparison.Ordinal);
                Span<byte> id = stackalloc byte[MessageIds.MaxBytes];
                int length = MessageIds.Read(_json.WrittenSpan, id);
                return new OutgoingIds(
                    Encoding.UTF8.GetString(id[..length]),
                    isTransfer ? PaymentReferences.OfTransfer(_json.WrittenMemory) : [],
                    Convert.ToHexStringLower(SHA256.HashData(document)));
            }
            finally
            {
                _json.Clear();
                _reader.Reset();
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            foreach (EgressKeys? keys in _keys.Values)
            {
                keys?.Dispose();
            }
        }
    }

    private TranslateStatus Take(ReadOnlySpan<byte> json)
    {
        _json.ResetWrittenCount();
        _json.Write(json);
        return TranslateStatus.Ok;
    }
}

/// <summary>The ids of a document.</summary>
/// <param name="MessageId">The id of the message.</param>
/// <param name="Payments">The payments of a pacs.008; empty for other messages.</param>
/// <param name="Digest">The SHA-256 of the document in hexadecimal.</param>
internal sealed record OutgoingIds(string MessageId, PaymentIds[] Payments, string Digest);
