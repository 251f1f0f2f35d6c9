using Estream.Esf.Schema;
using Estream.Marketplace.Json;

namespace Estream.Marketplace.Trust.Namespaces;

/// <summary>Deprecates a version, which its users are told, or removes the deprecation. Resolution chooses the version as before.</summary>
public sealed record DeprecationEntry : VersionMarkEntry
{
    internal const string TypeName = "deprecate";

    private const string MarkMember = "deprecated";
    private const string TextMember = "message";

    /// <summary>Makes an entry.</summary>
    /// <param name="name">The component.</param>
    /// <param name="version">The version.</param>
    /// <param name="isDeprecated">Whether it is; false takes that back.</param>
    /// <param name="message">What users are told: why, and what to use.</param>
    public DeprecationEntry(ComponentName name, SemanticVersion version, bool isDeprecated, string message)
        : base(name, version, isDeprecated, message, nameof(message))
    {
    }

    /// <summary>Whether it is.</summary>
    public bool IsDeprecated => IsMarked;

    /// <summary>What users are told.</summary>
    public string Message => Text;

    private protected override string Type => TypeName;

    private protected override (string Mark, string Text) Members => (MarkMember, TextMember);

    internal static LogEntry? Read(JsonFields fields) =>
        Read(fields, MarkMember, TextMember, (name, version, isDeprecated, message) => new DeprecationEntry(name, version, isDeprecated, message));
}
