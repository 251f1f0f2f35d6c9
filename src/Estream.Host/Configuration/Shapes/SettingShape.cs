using Microsoft.Extensions.Configuration;

namespace Estream.Host.Configuration;

/// <summary>
/// What one place in the configuration may hold. Shapes form a tree that mirrors the accepted document; checking
/// walks both together and reports every difference. Immutable, so one tree serves all threads.
/// </summary>
internal abstract class SettingShape
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
