namespace Estream.Host.Configuration;

/// <summary>One accepted key of an object.</summary>
internal sealed record Setting(string Key, SettingShape Shape, bool IsRequired = false)
{
    public static Setting Required(string key, SettingShape shape) => new(key, shape, IsRequired: true);
}
