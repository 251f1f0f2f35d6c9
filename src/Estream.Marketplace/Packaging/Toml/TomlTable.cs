using Estream.Esf.Schema;

namespace Estream.Marketplace.Toml;

/// <summary>Values by key, in file order.</summary>
internal sealed class TomlTable(SourcePosition position, TomlTableForm form, int depth) : TomlValue(TomlKind.Table, position)
{
    private readonly OrderedDictionary<string, TomlEntry> _entries = new(StringComparer.Ordinal);

    /// <summary>The entries, in order of first mention.</summary>
    public IReadOnlyList<TomlEntry> Entries => _entries.Values;

    /// <summary>How the table was created, which determines what may extend it.</summary>
    public TomlTableForm Form { get; private set; } = form;

    /// <summary>The number of enclosing tables and arrays.</summary>
    public int Depth { get; } = depth;

    /// <summary>Returns the entry of a key; null if there is none.</summary>
    public TomlEntry? Find(string key) => _entries.GetValueOrDefault(key);

    public void Add(TomlEntry entry) => _entries.Add(entry.Key, entry);

    /// <summary>Marks a table that headers only passed through as defined.</summary>
    public void Define(TomlTableForm form, SourcePosition position)
    {
        Form = form;
        Position = position;
    }
}

/// <summary>A key with its value.</summary>
/// <param name="Key">The key, without quotes.</param>
/// <param name="KeyPosition">The position of the first mention of the key.</param>
/// <param name="Value">The value.</param>
internal sealed record TomlEntry(string Key, SourcePosition KeyPosition, TomlValue Value);

/// <summary>How a table was created.</summary>
internal enum TomlTableForm
{
    /// <summary>Passed through by a header such as <c>[a.b]</c>; <c>a</c> may still be defined by one header.</summary>
    PassedThrough,

    /// <summary>Defined by a header <c>[a]</c> or <c>[[a]]</c>.</summary>
    Header,

    /// <summary>Created by a dotted key, such as <c>a</c> in <c>a.b = 1</c>: dotted keys may extend it, a header may not.</summary>
    DottedKey,

    /// <summary>Defined inline in braces, and complete.</summary>
    Inline,
}
