using Microsoft.Extensions.Configuration;

namespace Estream.Host.Configuration;

/// <summary>
/// The schema of one configuration value. Schemas form a tree that mirrors the accepted document; a check walks both and reports every
/// difference. Immutable and thread-safe.
/// </summary>
internal abstract class SettingSchema
{
    /// <summary>Adds an error for each difference between <paramref name="section"/> and this schema.</summary>
    public abstract void Check(IConfigurationSection section, SettingErrors errors);

    /// <summary>Whether a section is empty. The configuration system does not distinguish a JSON <c>null</c>, an empty object and an absent
    /// key.</summary>
    protected static bool IsEmpty(IConfigurationSection section) =>
        string.IsNullOrEmpty(section.Value) && !section.GetChildren().Any();

    /// <summary>Whether a section is a list. A JSON array is represented as children named 0, 1, 2 …</summary>
    protected static bool IsList(IConfigurationSection section)
    {
        bool any = false;
        foreach (IConfigurationSection child in section.GetChildren())
        {
            any = true;
            if (!int.TryParse(child.Key, out _))
            {
                return false;
            }
        }

        return any;
    }
}

/// <summary>True, false, or an object: a feature that is enabled with its defaults or with settings.</summary>
internal sealed class SwitchSchema(ObjectSchema particulars) : SettingSchema
{
    public ObjectSchema Particulars => particulars;

    public override void Check(IConfigurationSection section, SettingErrors errors)
    {
        if (string.IsNullOrEmpty(section.Value))
        {
            particulars.Check(section, errors);
        }
        else if (!bool.TryParse(section.Value, out _))
        {
            errors.Add(section.Path,
                $"expects true, false or an object with the keys {string.Join(", ", particulars.Settings.Select(s => s.Key))}, not "
                + $"{ScalarSchema.Quote(section.Value)}.");
        }
    }
}

/// <summary>
/// The errors of a configuration, collected so that the operator can fix all of them after one start.
/// </summary>
internal sealed class SettingErrors
{
    /// <summary>The maximum number of reported errors; a hostile or generated file must not produce an unbounded message.</summary>
    private const int MaxErrorCount = 50;

    private readonly List<SettingError> _errors = [];
    private readonly Dictionary<string, string> _written = new(StringComparer.OrdinalIgnoreCase);

    public int Count { get; private set; }

    public IReadOnlyList<SettingError> Items => _errors;

    /// <summary>Whether <see cref="Redirect"/> was called.</summary>
    public bool HasExpansions => _written.Count > 0;

    /// <summary>Reports errors of a section under the path of the section that the operator wrote, and only the first error of each
    /// key.</summary>
    /// <param name="expanded">The path of a section that stands for a partition.</param>
    /// <param name="written">The path of the written section.</param>
    public void Redirect(string expanded, string written) => _written[expanded] = written;

    public void Add(string path, string message)
    {
        string written = WrittenPath(path);
        if (written != path && _errors.Exists(error => error.Path == written))
        {
            // Another partition has reported the error.
            return;
        }

        path = written;
        Count++;
        if (_errors.Count < MaxErrorCount)
        {
            _errors.Add(new SettingError(path, message));
        }
    }

    private string WrittenPath(string path)
    {
        for (int end = path.Length; end > 0 && HasExpansions; end = path.LastIndexOf(':', end - 1))
        {
            if (_written.TryGetValue(path[..end], out string? written))
            {
                return written + path[end..];
            }
        }

        return path;
    }
}

/// <summary>One error: the full path of the key (such as <c>Estream:Http:Port</c>) and the correction.</summary>
internal readonly record struct SettingError(string Path, string Message);
