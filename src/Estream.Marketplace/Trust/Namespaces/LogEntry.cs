using System.Diagnostics.CodeAnalysis;
using Estream.Esf.Schema;
using Estream.Marketplace.Json;
using Estream.Marketplace.Trust.Dsse;

namespace Estream.Marketplace.Trust.Namespaces;

/// <summary>What an entry of a registry's log says, signed by the owners of a namespace (docs/formats/log.md). Immutable.</summary>
/// <remarks>An entry is a DSSE envelope, byte for byte as it was submitted; its signatures are of the type <c>log-entry</c>, so that none
/// of them is one of a release or of a checkpoint.</remarks>
public abstract record LogEntry
{
    /// <summary>The most characters of a reason or a message.</summary>
    public const int MaxReasonLength = 500;

    private static readonly Dictionary<string, Func<JsonFields, LogEntry?>> s_readers = new(StringComparer.Ordinal)
    {
        [NamespaceRecord.TypeName] = NamespaceRecord.Read,
        [KeyRevocation.TypeName] = KeyRevocation.Read,
        [PublishEntry.TypeName] = PublishEntry.Read,
        [YankEntry.TypeName] = YankEntry.Read,
        [DeprecationEntry.TypeName] = DeprecationEntry.Read,
    };

    /// <summary>What signatures of entries are made for.</summary>
    public static DocumentType DocumentType { get; } = DocumentType.Named("log-entry");

    private protected LogEntry(NamespaceName about)
    {
        ArgumentNullException.ThrowIfNull(about);
        Namespace = about;
    }

    /// <summary>Whose namespace it is about.</summary>
    public NamespaceName Namespace { get; }

    /// <summary>What the payload calls itself.</summary>
    private protected abstract string Type { get; }

    /// <summary>The payload that is signed: canonical JSON in UTF-8.</summary>
    public byte[] ToPayload()
    {
        JsonObject json = new() { { "type", Type } };
        Write(json);
        return CanonicalJson.Write(json);
    }

    /// <summary>Signs it.</summary>
    /// <param name="signers">Who signs; more can follow (<see cref="DsseEnvelope.With"/>).</param>
    public DsseEnvelope Sign(params IEnumerable<DocumentSigner> signers) => DsseEnvelope.Sign(DocumentType, ToPayload(), signers);

    /// <summary>Reads an entry. Whatever bytes it is given, it answers and does not throw; nothing is verified.</summary>
    /// <param name="bytes">From anywhere.</param>
    /// <param name="envelope">The envelope.</param>
    /// <param name="entry">What its payload says.</param>
    /// <param name="reason">Why it is none.</param>
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
            reason = $"the envelope holds '{envelope.PayloadType}', and '{DocumentType.PayloadType}' is expected";
            return false;
        }

        ReadOnlySpan<byte> payload = envelope.UnverifiedPayload.Span;
        if (!StrictJsonReader.TryRead(payload, new JsonLimits(Log.EntryBundle.MaxEntryBytes, MaxDepth: 4, MaxValues: 256),
            out JsonValue? value, out JsonFault? fault))
        {
            reason = $"the payload is not the JSON that is read here: {fault}";
            return false;
        }

        // Whoever logs an entry cannot choose among several texts of one meaning.
        if (!CanonicalJson.Is(payload, value))
        {
            reason = "the payload is not written in the canonical form (RFC 8785)";
            return false;
        }

        JsonFields fields = new(value);
        LogEntry? read = s_readers.TryGetValue(fields.OneOf("type", [.. s_readers.Keys]), out Func<JsonFields, LogEntry?>? reader)
            ? reader(fields)
            : null;
        reason = fields.End() ?? (read is null ? "it is no entry of a log" : null);
        entry = reason is null ? read : null;
        return entry is not null;
    }

    /// <summary>Writes what it says more.</summary>
    private protected abstract void Write(JsonObject json);

    /// <summary>The component of an entry; what is wrong the fields remember.</summary>
    private protected static ComponentName? ReadName(JsonFields fields)
    {
        if (!ComponentName.TryParse(fields.Text("name", 128), out ComponentName? name, out ParseFault? fault))
        {
            fields.Refuse("name", $"is no name of a component: {fault}");
        }

        return name;
    }

    /// <summary>The version of an entry; what is wrong the fields remember.</summary>
    private protected static SemanticVersion? ReadVersion(JsonFields fields)
    {
        if (!SemanticVersion.TryParse(fields.Text("version", SemanticVersion.MaxLength), out SemanticVersion? version,
            out ParseFault? fault))
        {
            fields.Refuse("version", $"is no version: {fault}");
        }

        return version;
    }

    /// <summary>The namespace of an entry; what is wrong the fields remember.</summary>
    private protected static NamespaceName? ReadNamespace(JsonFields fields)
    {
        if (!NamespaceName.TryParse(fields.Text("namespace", 64), out NamespaceName? name))
        {
            fields.Refuse("namespace", "is no namespace: write @scope, or estream for components without a scope");
        }

        return name;
    }
}
