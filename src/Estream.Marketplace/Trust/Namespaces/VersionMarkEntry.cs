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

    /// <summary>Whether the entry sets the mark; false where it removes the mark.</summary>
    private protected bool IsMarked { get; }

    /// <summary>The reason or message, for people.</summary>
    private protected string Text { get; }

    /// <summary>The JSON members of the mark and of its text.</summary>
    private protected abstract (string Mark, string Text) Members { get; }

    /// <summary>Reads the members of an entry; null where one is missing or wrong.</summary>
    private protected static LogEntry? Read(JsonFields fields, string markMember, string textMember, Func<ComponentName, SemanticVersion, bool, string, LogEntry> create)
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
