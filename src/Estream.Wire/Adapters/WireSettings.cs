using System.Globalization;
using Estream.Esf;

namespace Estream.Wire;

/// <summary>
/// The settings of an adapter: texts with keys as in .NET configuration, with colons between the levels. The error of a getter has the
/// full key and the valid values. <see cref="RefuseUnknown"/> refuses settings that no getter has read. Not thread-safe.
/// </summary>
public sealed class WireSettings
{
    private readonly string _path;
    private readonly string _prefix;
    private readonly IReadOnlyDictionary<string, string> _values;
    private readonly HashSet<string> _asked;

    /// <summary>Wraps the settings.</summary>
    /// <param name="path">The path of the settings in the configuration, for messages, such as `Estream:Adapters:devices`.</param>
    /// <param name="values">The settings: keys relative to that path, case-insensitive, and their texts. A null text counts as a missing
    /// setting.</param>
    public WireSettings(string path, IEnumerable<KeyValuePair<string, string?>> values)
        : this(path, "", Copy(values), new HashSet<string>(StringComparer.OrdinalIgnoreCase))
    {
    }

    private WireSettings(string path, string prefix, IReadOnlyDictionary<string, string> values, HashSet<string> asked)
    {
        _path = path;
        _prefix = prefix;
        _values = values;
        _asked = asked;
    }

    /// <summary>Returns the same settings with no key marked as read, because another version of an adapter may read other keys.</summary>
    public WireSettings Afresh() => new(_path, _prefix, _values, new HashSet<string>(StringComparer.OrdinalIgnoreCase));

    /// <summary>Whether other settings have the same keys and texts.</summary>
    internal bool HasSameValues(WireSettings other) => _values.Count == other._values.Count
        && _values.All(value => other._values.TryGetValue(value.Key, out string? text) && text == value.Value);

    /// <summary>The full key of a setting, for messages.</summary>
    public string KeyOf(string key)
    {
        return $"{_path}:{_prefix}{key}";
    }

    /// <summary>Reads a text; null if the key is not set.</summary>
    public string? Text(string key)
    {
        _asked.Add(_prefix + key);
        return _values.GetValueOrDefault(_prefix + key);
    }

    /// <summary>Reads a required text.</summary>
    /// <exception cref="WireConfigurationException">The text is missing or empty.</exception>
    public string RequireText(string key)
    {
        string? text = Text(key);
        return string.IsNullOrEmpty(text) ? throw new WireConfigurationException(KeyOf(key), "is required and not set.") : text;
    }

    /// <summary>Reads the required name of a queue.</summary>
    /// <param name="key">The key, relative to these settings.</param>
    /// <param name="queues">The names of the queues that the adapter may use.</param>
    /// <exception cref="WireConfigurationException">The setting is missing, or <paramref name="queues"/> does not contain its
    /// value.</exception>
    public string RequireQueue(string key, IReadOnlyCollection<string> queues)
    {
        ArgumentNullException.ThrowIfNull(queues);
        string queue = RequireText(key);
        return queues.Contains(queue)
            ? queue
            : throw new WireConfigurationException(
                KeyOf(key),
                $"the queue '{queue}' does not exist; the queues are: {string.Join(", ", queues.Order(StringComparer.Ordinal))}.");
    }

    /// <summary>Reads the required name of a schema and returns the schema.</summary>
    /// <param name="key">The key, relative to these settings.</param>
    /// <param name="schemas">The known schemas.</param>
    /// <exception cref="WireConfigurationException">The setting is missing, or <paramref name="schemas"/> does not contain a schema of this
    /// name.</exception>
    public EsfSchema RequireSchema(string key, EsfSchemaSet schemas)
    {
        ArgumentNullException.ThrowIfNull(schemas);
        string name = RequireText(key);
        return schemas.TryGet(name, out EsfSchema? schema)
            ? schema
            : throw new WireConfigurationException(
                KeyOf(key),
                $"the schema '{name}' does not exist; the schemas are: "
                + $"{string.Join(", ", schemas.Schemas.Select(known => known.QualifiedName))}.");
    }

    /// <summary>Reads a whole number in a range.</summary>
    /// <exception cref="WireConfigurationException">The text is not a whole number, or the number is out of range.</exception>
    public int Number(string key, int defaultValue, int min, int max)
    {
        string? text = Text(key);
        if (text is null)
        {
            return defaultValue;
        }

        bool isNumber = int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value);
        return isNumber && value >= min && value <= max
            ? value
            : throw new WireConfigurationException(KeyOf(key), $"'{text}' is not accepted; write a whole number from {min} to {max}.");
    }

    /// <summary>Reads a real number.</summary>
    /// <exception cref="WireConfigurationException">The text is not a finite number.</exception>
    internal double Real(string key, double defaultValue)
    {
        if (Text(key) is not { } text)
        {
            return defaultValue;
        }

        bool isNumber = double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value);
        return isNumber && double.IsFinite(value)
            ? value
            : throw new WireConfigurationException(KeyOf(key), $"'{text}' is not accepted; write a number, such as 0.1.");
    }

    /// <summary>Reads true or false.</summary>
    /// <exception cref="WireConfigurationException">The text is neither true nor false.</exception>
    public bool Flag(string key, bool defaultValue)
    {
        string? text = Text(key);
        if (text is null)
        {
            return defaultValue;
        }

        return bool.TryParse(text, out bool value)
            ? value
            : throw new WireConfigurationException(KeyOf(key), $"'{text}' is not accepted; write true or false.");
    }

    /// <summary>Reads one of several words, case-insensitive.</summary>
    /// <exception cref="WireConfigurationException">The text is not one of the accepted words.</exception>
    public string Choice(string key, string defaultValue, params IReadOnlyList<string> accepted)
    {
        string text = Text(key) ?? defaultValue;
        return accepted.FirstOrDefault(word => word.Equals(text, StringComparison.OrdinalIgnoreCase))
            ?? throw new WireConfigurationException(KeyOf(key), $"'{text}' is not accepted; write {string.Join(" or ", accepted)}.");
    }

    /// <summary>Whether anything is set below a key.</summary>
    public bool Has(string key)
    {
        string start = _prefix + key + ":";
        return _values.Keys.Any(candidate => candidate.StartsWith(start, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>The settings below a key.</summary>
    public WireSettings Section(string key)
    {
        return new WireSettings(_path, _prefix + key + ":", _values, _asked);
    }

    /// <summary>The sections of a list: the settings below key:0, key:1, … in the order of the numbers.</summary>
    public IReadOnlyList<WireSettings> List(string key)
    {
        string start = _prefix + key + ":";
        return [.. _values.Keys
            .Where(candidate => candidate.StartsWith(start, StringComparison.OrdinalIgnoreCase))
            .Select(candidate => candidate[start.Length..].Split(':')[0])
            .Distinct(StringComparer.OrdinalIgnoreCase)
            .OrderBy(item => int.TryParse(item, out int index) ? index : int.MaxValue)
            .Select(item => Section($"{key}:{item}"))];
    }

    /// <summary>Refuses settings that no getter has read, such as misspelt keys.</summary>
    /// <exception cref="WireConfigurationException">No getter has read a setting; the message has its key and the valid keys.</exception>
    public void RefuseUnknown()
    {
        string? unknown = _values.Keys.FirstOrDefault(key => !_asked.Contains(key));
        if (unknown is not null)
        {
            int end = unknown.LastIndexOf(':') + 1;
            IEnumerable<string> known = _asked
                .Where(key => key.StartsWith(unknown[..end], StringComparison.OrdinalIgnoreCase)
                    && !key[end..].Contains(':', StringComparison.Ordinal))
                .Select(key => key[end..])
                .Order(StringComparer.Ordinal);
            throw new WireConfigurationException($"{_path}:{unknown}", $"is not a setting; accepted here: {string.Join(", ", known)}.");
        }
    }

    private static Dictionary<string, string> Copy(IEnumerable<KeyValuePair<string, string?>> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        Dictionary<string, string> copy = new(StringComparer.OrdinalIgnoreCase);
        foreach ((string key, string? value) in values)
        {
            if (value is not null)
            {
                copy[key] = value;
            }
        }

        return copy;
    }
}
