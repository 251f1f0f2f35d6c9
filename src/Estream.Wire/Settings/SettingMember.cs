using System.Reflection;

namespace Estream.Wire.Settings;

/// <summary>A property with a setting, or with the settings of an inline object. Immutable.</summary>
internal sealed class SettingMember
{
    private readonly Setting? _setting;
    private readonly SettingGroup? _inline;
    private readonly string[] _without = [];

    public SettingMember(PropertyInfo property, Setting setting)
    {
        (Property, _setting, Settings) = (property, setting, [setting]);
    }

    /// <param name="property">The property with the inline object.</param>
    /// <param name="inline">The object.</param>
    /// <param name="without">Keys of the object that are no settings here.</param>
    public SettingMember(PropertyInfo property, SettingGroup inline, string[] without)
    {
        (Property, _inline, _without) = (property, inline, without);
        Settings = [.. inline.Settings.Where(setting => !without.Contains(setting.Key))];
    }

    public PropertyInfo Property { get; }

    /// <summary>The key; null for an inline object.</summary>
    public string? Key => _setting?.Key;

    public IReadOnlyList<Setting> Settings { get; }

    /// <summary>Reads the value of the property.</summary>
    /// <returns>False if the settings have none, so the initial value of the property applies.</returns>
    /// <exception cref="WireConfigurationException">A setting is missing or not accepted.</exception>
    public bool TryRead(SettingBinder reader, WireSettings settings, out object? value)
    {
        value = _inline is null ? reader.Read(_setting!, settings) : _inline.Read(reader, settings, _without);
        return value is not null;
    }
}
