using Estream.Esf.Schema;

namespace Estream.Marketplace.Toml;

/// <summary>Values by key, in the order of the file.</summary>
internal sealed class TomlTable(SourcePosition position, TomlTableForm form, int depth) : TomlValue(TomlKind.Table, position)
{
    private readonly OrderedDictionary<string, TomlEntry> _entries = new(StringComparer.Ordinal);

    /// <summary>The entries in the order of their first mention.</summary>
    public IReadOnlyList<TomlEntry> Entries => _entries.Values;

    /// <summary>How the table came to be, which decides who may add to it.</summary>
    public TomlTableForm Form { get; private set; } = form;

    /// <summary>How many tables and arrays are around it.</summary>
    public int Depth { get; } = depth;

    /// <summary>The entry of a key; null where there is none.</summary>
    public TomlEntry? Find(string key) => _entries.GetValueOrDefault(key);

    public void Add(TomlEntry entry) => _entries.Add(entry.Key, entry);

    /// <summary>Says that what was only passed through is now defined.</summary>
    public void Define(TomlTableForm form, SourcePosition position)
    {
        Form = form;
        Position = position;
    }
}

/// <summary>A key with its value.</summary>
/// <param name="Key">The key, without quotes.</param>
/// <param name="KeyPosition">Where the key was first written.</param>
/// <param name="Value">The value.</param>
internal sealed record TomlEntry(string Key, SourcePosition KeyPosition, TomlValue Value);

/// <summary>How a table came to be.</summary>
internal enum TomlTableForm
{
    /// <summary>Passed through by a header such as <c>[a.b]</c>, which leaves <c>a</c> open to one header of its own.</summary>
    PassedThrough,

    /// <summary>By a header <c>[a]</c> or <c>[[a]]</c>.</summary>
    Header,

    /// <summary>By the dots of a key, as <c>a</c> in <c>a.b = 1</c>: keys with dots add to it, a header does not.</summary>
    DottedKey,

    /// <summary>In braces, and complete with them.</summary>
    Inline,
}
