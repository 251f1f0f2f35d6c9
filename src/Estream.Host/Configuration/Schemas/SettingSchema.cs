using Microsoft.Extensions.Configuration;

namespace Estream.Host.Configuration;

/// <summary>
/// What one place in the configuration may hold. Shapes form a tree that mirrors the accepted document; checking
/// walks both together and reports every difference. Immutable, so one tree serves all threads.
/// </summary>
internal abstract class SettingSchema
{
    /// <summary>Adds an error for every way in which <paramref name="section"/> departs from this shape.</summary>
    public abstract void Check(IConfigurationSection section, SettingErrors errors);

    /// <summary>A JSON <c>null</c>, an empty object and an absent key all look like this to the configuration system.</summary>
    protected static bool IsEmpty(IConfigurationSection section) =>
        string.IsNullOrEmpty(section.Value) && !section.GetChildren().Any();

    /// <summary>A JSON array arrives as children named 0, 1, 2 …</summary>
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

/// <summary>True, false, or an object: something that is switched on as it is, or with particulars.</summary>
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
/// Everything that is wrong with a configuration, gathered so that the operator fixes it in one round
/// instead of one start per mistake.
/// </summary>
internal sealed class SettingErrors
{
    /// <summary>A hostile or generated file must not produce an unbounded message.</summary>
    private const int MaxErrorCount = 50;

    private readonly List<SettingError> _errors = [];

    public int Count { get; private set; }

    public IReadOnlyList<SettingError> Items => _errors;

    public void Add(string path, string message)
    {
        Count++;
        if (_errors.Count < MaxErrorCount)
        {
            _errors.Add(new SettingError(path, message));
        }
    }
}

/// <summary>One mistake: the full path of the key (as in <c>Estream:Http:Port</c>) and what to write instead.</summary>
internal readonly record struct SettingError(string Path, string Message);
