using Estream.Esf.Schema;
using Estream.Marketplace.Json;

namespace Estream.Marketplace.Trust.Namespaces;

/// <summary>A log entry that marks a published version or removes the mark: a <see cref="YankEntry"/> or a <see cref="DeprecationEntry"/>.
/// Immutable.</summary>
public abstract record VersionMarkEntry : LogEntry
{
    private protected VersionMarkEntry(ComponentName name, SemanticVersion version, bool isMarked, string text, string textParameter)
        : base(NamespaceName.Of(name))
    {
        ArgumentNullException.ThrowIfNull(version);
        ArgumentException.ThrowIfNullOrEmpty(text, textParameter);
        (Name, Version, IsMarked, Text) = (name, version, isMarked, text);
    }

    /// <summary>The component.</summary>
    public ComponentName Name { get; }

    /// <summary>The version.</summary>
    public SemanticVersion Version { get; }

    /// <summary>Whether the entry sets the mark; false if the entry removes the mark.</summary>
    private protected bool IsMarked { get; }

    /// <summary>The human-readable reason or message.</summary>
    private protected string Text { get; }

    /// <summary>The JSON members of the mark and of its text.</summary>
    private protected abstract (string Mark, string Text) Members { get; }

    /// <summary>Reads the members of an entry; returns null if one is missing or wrong.</summary>
    private protected static LogEntry? Read(JsonFields fields, string markMember, string textMember,
        Func<ComponentName, SemanticVersion, bool, string, LogEntry> create)
    {
        ComponentName? name = ReadName(fields);
        SemanticVersion? version = ReadVersion(fields);
        bool isMarked = fields.Boolean(markMember);
        string text = fields.Text(textMember, MaxReasonLength);
        return name is null || version is null || text.Length == 0 ? null : create(name, version, isMarked, text);
    }

    private protected sealed override void Write(JsonObject json)
    {
        json.Add("name", Name.ToString());
        json.Add("version", Version.ToString());
        json.Add(Members.Mark, IsMarked);
        json.Add(Members.Text, Text);
    }
}

/// <summary>Yanks a version, or removes the yank. Resolution skips a yanked version; it can still be installed by its exact
/// version.</summary>
public sealed record YankEntry : VersionMarkEntry
{
    internal const string TypeName = "yank";

    private const string MarkMember = "yanked";
    private const string TextMember = "reason";

    /// <summary>Creates an entry.</summary>
    /// <param name="name">The component.</param>
    /// <param name="version">The version.</param>
    /// <param name="isYanked">Whether the version is yanked; false removes the yank.</param>
    /// <param name="reason">A human-readable reason.</param>
    public YankEntry(ComponentName name, SemanticVersion version, bool isYanked, string reason)
        : base(name, version, isYanked, reason, nameof(reason))
    {
    }

    /// <summary>Whether the version is yanked.</summary>
    public bool IsYanked => IsMarked;

    /// <summary>The reason.</summary>
    public string Reason => Text;

    private protected override string Type => TypeName;

    private protected override (string Mark, string Text) Members => (MarkMember, TextMember);

    internal static LogEntry? Read(JsonFields fields) =>
        Read(fields, MarkMember, TextMember, (name, version, isYanked, reason) => new YankEntry(name, version, isYanked, reason));
}

/// <summary>Deprecates a version, or removes the deprecation. Users see the deprecation; resolution still selects the version.</summary>
public sealed record DeprecationEntry : VersionMarkEntry
{
    internal const string TypeName = "deprecate";

    private const string MarkMember = "deprecated";
    private const string TextMember = "message";

    /// <summary>Creates an entry.</summary>
    /// <param name="name">The component.</param>
    /// <param name="version">The version.</param>
    /// <param name="isDeprecated">Whether the version is deprecated; false removes the deprecation.</param>
    /// <param name="message">The message to users: the reason, and what to use instead.</param>
    public DeprecationEntry(ComponentName name, SemanticVersion version, bool isDeprecated, string message)
        : base(name, version, isDeprecated, message, nameof(message))
    {
    }

    /// <summary>Whether the version is deprecated.</summary>
    public bool IsDeprecated => IsMarked;

    /// <summary>The message to users.</summary>
    public string Message => Text;

    private protected override string Type => TypeName;

    private protected override (string Mark, string Text) Members => (MarkMember, TextMember);

    internal static LogEntry? Read(JsonFields fields) =>
        Read(fields, MarkMember, TextMember,
            (name, version, isDeprecated, message) => new DeprecationEntry(name, version, isDeprecated, message));
}
