using System.Diagnostics.CodeAnalysis;
using Estream.Esf.Schema;
using Estream.Marketplace.Toml;
using DiagnosticSink = Estream.Esf.Schema.Internal.DiagnosticSink;

namespace Estream.Marketplace.Manifests.Reading;

/// <summary>A parser of a short text, such as <see cref="SemanticVersion.TryParse"/>.</summary>
internal delegate bool TextParser<T>(string? text, [NotNullWhen(true)] out T? value, [NotNullWhen(false)] out ParseFault? fault)
    where T : class;

/// <summary>
/// A table of a manifest while it is read. Missing keys and values of another kind are reported at once; unread keys are reported when the
/// table is closed.
/// </summary>
internal sealed class ManifestPart(TomlTable table, string name, ManifestErrors errors)
{
    private readonly List<string> _known = [];

    public TomlTable Table { get; } = table;

    /// <summary>The name of the table in messages: <c>[component.widget]</c>.</summary>
    public string Where => name.Length == 0 ? "the manifest" : $"[{name}]";

    public SourcePosition Position => Table.Position;

    public ManifestErrors Errors { get; } = errors;

    public void Report(string code, SourcePosition position, string message) => Errors.Report(code, position, message);

    /// <summary>Marks a key as known without reading it.</summary>
    public void Know(string key) => _known.Add(key);

    /// <summary>Returns the entry of a key; null if it is missing, which is reported if it is required.</summary>
    /// <param name="key">The key.</param>
    /// <param name="example">The key with an example value, for messages.</param>
    /// <param name="isRequired">Whether the key is required.</param>
    public TomlEntry? Find(string key, string example, bool isRequired)
    {
        Know(key);
        TomlEntry? entry = Table.Find(key);
        if (entry is null && isRequired)
        {
            Report(ManifestCodes.MissingKey, Position, ManifestMessages.Missing(Where, key, example));
        }

        return entry;
    }

    /// <summary>Returns a value of a kind; null if it is missing or has another kind. Reports another kind, and a missing key if it is
    /// required.</summary>
    public T? Value<T>(string key, string wanted, string example, bool isRequired)
        where T : TomlValue
    {
        TomlEntry? entry = Find(key, example, isRequired);
        if (entry is null or { Value: T })
        {
            return (T?)entry?.Value;
        }

        Report(ManifestCodes.WrongKind, entry.Value.Position, ManifestMessages.WrongKind(key, wanted, entry.Value.Kind, example));
        return null;
    }

    public TomlString? Text(string key, string example, bool isRequired = false) => Value<TomlString>(key, "a string", example, isRequired);

    public bool Flag(string key, string example) => Value<TomlBoolean>(key, "true or false", example, false)?.Value ?? false;

    /// <summary>Returns an integer within bounds; null if it is missing or out of bounds.</summary>
    public long? Number(string key, long least, long most, string example, bool isRequired = false)
    {
        TomlInteger? number = Value<TomlInteger>(key, "a whole number", example, isRequired);
        if (number is null || (number.Value >= least && number.Value <= most))
        {
            return number?.Value;
        }

        Report(ManifestCodes.Limit, number.Position, ManifestMessages.OutOfRange(key, least, most));
        return null;
    }

    /// <summary>Returns a text that is one of the given words; null if it is missing or another text.</summary>
    public string? Word(string key, IReadOnlyList<string> words, string example, bool isRequired) =>
        Text(key, example, isRequired) is { } text && IsWord(key, text, words) ? text.Value : null;

    public IReadOnlyList<string> Words(string key, IReadOnlyList<string> words, string example, bool isRequired) =>
        [.. Texts(key, example, isRequired).Where(text => IsWord(key, text, words)).Select(text => text.Value)];

    /// <summary>Returns a parsed text; null if it is missing or cannot be parsed.</summary>
    public T? Parsed<T>(string key, string what, string code, TextParser<T> parser, string example, bool isRequired = false)
        where T : class =>
        Text(key, example, isRequired) is { } text ? Parse(text, what, code, parser) : null;

    public T? Parse<T>(TomlString text, string what, string code, TextParser<T> parser)
        where T : class
    {
        if (parser(text.Value, out T? value, out ParseFault? fault))
        {
            return value;
        }

        Report(code, text.At(fault.Offset), ManifestMessages.Faulty(text.Value, what, fault));
        return null;
    }

    /// <summary>Returns the texts of an array without duplicates; empty if the array is missing. An array must have items unless
    /// <c>mayBeEmpty</c> is true.</summary>
    public IReadOnlyList<TomlString> Texts(string key, string example, bool isRequired = false, int most = ManifestLimits.MaxItems,
        bool mayBeEmpty = false)
    {
        if (Value<TomlArray>(key, "an array of strings", example, isRequired) is not { } array)
        {
            return [];
        }

        if (array.Items.Count == 0 && !mayBeEmpty)
        {
            Report(ManifestCodes.MissingKey, array.Position,
                isRequired ? ManifestMessages.EmptyButNeeded(key, example) : ManifestMessages.Empty(key, example));
        }

        if (array.Items.Count > most)
        {
            Report(ManifestCodes.Limit, array.Position, ManifestMessages.TooMany(key, most));
            return [];
        }

        foreach (TomlValue other in array.Items.Where(item => item is not TomlString))
        {
            Report(ManifestCodes.WrongKind, other.Position, ManifestMessages.WrongKind(key, "an array of strings", other.Kind, example));
        }

        return Distinct(array.Items.OfType<TomlString>());
    }

    /// <summary>Returns a nested table; null if it is missing or has another kind.</summary>
    public ManifestPart? Part(string key, bool isRequired = false, string? example = null)
    {
        string inner = Inner(key);
        TomlTable? found = Value<TomlTable>(key, "a table", example ?? $"[{inner}]", isRequired);
        return found is null ? null : new ManifestPart(found, inner, Errors);
    }

    /// <summary>Returns the tables of an array.</summary>
    public IReadOnlyList<ManifestPart> Parts(string key, int most, bool isRequired = false)
    {
        string inner = Inner(key);
        TomlArray? array = Value<TomlArray>(key, "an array of tables", $"[[{inner}]]", isRequired);
        if (array?.Items.Count > most)
        {
            Report(ManifestCodes.Limit, array.Position, ManifestMessages.TooMany(key, most));
            return [];
        }

        foreach (TomlValue other in (array?.Items ?? []).Where(item => item is not TomlTable))
        {
            Report(ManifestCodes.WrongKind, other.Position,
                ManifestMessages.WrongKind(key, "an array of tables", other.Kind, $"[[{inner}]]"));
        }

        return [.. (array?.Items ?? []).OfType<TomlTable>().Select(item => new ManifestPart(item, inner, Errors))];
    }

    /// <summary>Reports every key that was not read.</summary>
    public void Close()
    {
        foreach (TomlEntry entry in Table.Entries.Where(entry => !_known.Contains(entry.Key)))
        {
            Report(
                ManifestCodes.UnknownKey,
                entry.KeyPosition,
                UntrustedKeys.Contains(entry.Key)
                    ? ManifestMessages.Untrusted(entry.Key)
                    : ManifestMessages.Unknown(entry.Key, Where, _known));
        }
    }

    private string Inner(string key) => name.Length == 0 ? key : $"{name}.{key}";

    private bool IsWord(string key, TomlString text, IReadOnlyList<string> words)
    {
        if (words.Contains(text.Value))
        {
            return true;
        }

        Report(ManifestCodes.Word, text.Position, ManifestMessages.NoWord(text.Value, key, words));
        return false;
    }

    private List<TomlString> Distinct(IEnumerable<TomlString> texts)
    {
        Dictionary<string, SourcePosition> seen = new(StringComparer.Ordinal);
        List<TomlString> distinct = [];
        foreach (TomlString text in texts)
        {
            if (seen.TryAdd(text.Value, text.Position))
            {
                distinct.Add(text);
            }
            else
            {
                Report(ManifestCodes.Duplicate, text.Position, ManifestMessages.Duplicate(text.Value, seen[text.Value]));
            }
        }

        return distinct;
    }
}

/// <summary>Keys in which a component claims its own trustworthiness. Manifests of other systems have such keys. The reader rejects them by
/// name, so that no one relies on these claims.</summary>
internal static class UntrustedKeys
{
    private static readonly string[] s_keys =
        ["trust", "trust_level", "trusted", "verified", "public_key", "key", "key_id", "signature", "signatures", "approvals", "approved",
            "approver_signatures", "skip_verify", "governance_approved"];

    public static bool Contains(string key) => s_keys.Contains(key);
}

/// <summary>Collects the errors of a manifest, up to a limit.</summary>
internal sealed class ManifestErrors(string file)
{
    private readonly DiagnosticSink _sink = new(file);
    private bool _hasMore;

    public void Report(string code, SourcePosition position, string message)
    {
        if (_sink.Count < ManifestLimits.MaxErrors)
        {
            _sink.Report(code, position, message);
        }
        else
        {
            _hasMore = true;
        }
    }

    /// <summary>Returns the errors in file order; if there are more than the limit, the last one says so.</summary>
    public IReadOnlyList<SchemaDiagnostic> InOrder()
    {
        IReadOnlyList<SchemaDiagnostic> errors = _sink.InOrder();
        return _hasMore
            ? [.. errors, new SchemaDiagnostic(ManifestCodes.Limit, file, errors[^1].Position, ManifestMessages.MoreErrors())]
            : errors;
    }
}
