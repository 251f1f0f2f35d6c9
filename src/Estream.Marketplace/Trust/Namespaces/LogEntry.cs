using System.Diagnostics.CodeAnalysis;
using Estream.Esf.Schema;
using Estream.Marketplace.Json;
using Estream.Marketplace.Trust.Dsse;

namespace Estream.Marketplace.Trust.Namespaces;

/// <summary>An entry of a registry's log, signed by the owners of a namespace (docs/formats/log.md). Immutable.</summary>
/// <remarks>An entry is a DSSE envelope, stored byte for byte as submitted. Its signatures have the type <c>log-entry</c>, so they are not
/// valid for a release or a checkpoint.</remarks>
public abstract record LogEntry
{
    /// <summary>The maximum length of a reason or a message, in characters.</summary>
    public const int MaxReasonLength = 500;

    private static readonly Dictionary<string, Func<JsonFields, LogEntry?>> s_readers = new(StringComparer.Ordinal)
    {
        [NamespaceRecord.TypeName] = NamespaceRecord.Read,
        [KeyRevocation.TypeName] = KeyRevocation.Read,
        [PublishEntry.TypeName] = PublishEntry.Read,
        [YankEntry.TypeName] = YankEntry.Read,
        [DeprecationEntry.TypeName] = DeprecationEntry.Read,
    };

    /// <summary>The document type of entry signatures.</summary>
    public static DocumentType DocumentType { get; } = DocumentType.Named("log-entry");

    private protected LogEntry(NamespaceName about)
    {
        ArgumentNullException.ThrowIfNull(about);
        Namespace = about;
    }

    /// <summary>The namespace that the entry belongs to.</summary>
    public NamespaceName Namespace { get; }

    /// <summary>The value of the <c>type</c> member in the payload.</summary>
    private protected abstract string Type { get; }

    /// <summary>Returns the payload to sign: canonical JSON in UTF-8.</summary>
    public byte[] ToPayload()
    {
        JsonObject json = new() { { "type", Type } };
        Write(json);
        return CanonicalJson.Write(json);
    }

    /// <summary>Signs the entry.</summary>
    /// <param name="signers">The signers; more can be added later (<see cref="DsseEnvelope.With"/>).</param>
    public DsseEnvelope Sign(params IEnumerable<DocumentSigner> signers) => DsseEnvelope.Sign(DocumentType, ToPayload(), signers);

    /// <summary>Reads an entry without verifying it. Accepts any bytes and never throws because of them.</summary>
    /// <param name="bytes">The untrusted bytes.</param>
    /// <param name="envelope">The envelope.</param>
    /// <param name="entry">The entry in the payload.</param>
    /// <param name="reason">Why the bytes are not an entry.</param>
    public static bool TryRead(
        ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out DsseEnvelope? envelope, [NotNullWhen(true)] out LogEntry? entry,
        [NotNullWhen(false)] out string? reason)
    {
        entry = null;
        if (!DsseEnvelope.TryRead(bytes, Log.EntryBundle.MaxEntryBytes, out envelope, out reason))
        {
            return false;
        }

        if (envelope.PayloadType != DocumentType.PayloadType)
        {
            reason = $"the envelope has the payload type '{envelope.PayloadType}'; '{DocumentType.PayloadType}' is expected";
            return false;
        }

        ReadOnlySpan<byte> payload = envelope.UnverifiedPayload.Span;
        if (!StrictJsonReader.TryRead(payload, new JsonLimits(Log.EntryBundle.MaxEntryBytes, MaxDepth: 4, MaxValues: 256),
            out JsonValue? value, out JsonFault? fault))
        {
            reason = $"the payload is not valid JSON of a log entry: {fault}";
            return false;
        }

        // Only the canonical form is accepted, so the submitter cannot choose between several texts with the same meaning.
        if (!CanonicalJson.Is(payload, value))
        {
            reason = "the payload is not written in the canonical form (RFC 8785)";
            return false;
        }

        JsonFields fields = new(value);
        LogEntry? read = s_readers.TryGetValue(fields.OneOf("type", [.. s_readers.Keys]), out Func<JsonFields, LogEntry?>? reader)
            ? reader(fields)
            : null;
        reason = fields.End() ?? (read is null ? "it is not a log entry" : null);
        entry = reason is null ? read : null;
        return entry is not null;
    }

    /// <summary>Writes the members that are specific to the type.</summary>
    private protected abstract void Write(JsonObject json);

    /// <summary>Reads the component of an entry. Errors are recorded in <paramref name="fields"/>.</summary>
    private protected static ComponentName? ReadName(JsonFields fields)
    {
        if (!ComponentName.TryParse(fields.Text("name", 128), out ComponentName? name, out ParseFault? fault))
        {
            fields.Refuse("name", $"is not a valid component name: {fault}");
        }

        return name;
    }

    /// <summary>Reads the version of an entry. Errors are recorded in <paramref name="fields"/>.</summary>
    private protected static SemanticVersion? ReadVersion(JsonFields fields)
    {
        if (!SemanticVersion.TryParse(fields.Text("version", SemanticVersion.MaxLength), out SemanticVersion? version,
            out ParseFault? fault))
        {
            fields.Refuse("version", $"is not a valid version: {fault}");
        }

        return version;
    }

    /// <summary>Reads the namespace of an entry. Errors are recorded in <paramref name="fields"/>.</summary>
    private protected static NamespaceName? ReadNamespace(JsonFields fields)
    {
        if (!NamespaceName.TryParse(fields.Text("namespace", 64), out NamespaceName? name))
        {
            fields.Refuse("namespace", "is not a valid namespace; use @scope, or estream for components without a scope");
        }

        return name;
    }
}
