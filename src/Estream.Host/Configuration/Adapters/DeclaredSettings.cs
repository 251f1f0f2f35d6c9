using Estream.Wire.Settings;
using DeclaredSetting = Estream.Wire.Settings.Setting;

namespace Estream.Host.Configuration;

/// <summary>Converts the declared settings of an adapter to the schema of its section.</summary>
internal static class DeclaredSettings
{
    /// <summary>Returns the schema of an adapter.</summary>
    /// <param name="type">The type of the adapter.</param>
    /// <param name="group">Its settings.</param>
    public static ObjectSchema Of(string type, SettingGroup group) =>
        new([Setting.Required(VariantSchema.TypeKey, new ChoiceSchema(type)), .. In(group.Settings, "")]);

    // A key with colons is in an object that no property declares.
    private static IEnumerable<Setting> In(IReadOnlyList<DeclaredSetting> settings, string prefix)
    {
        IEnumerable<IGrouping<string, DeclaredSetting>> levels = settings
            .Where(setting => setting.Key.StartsWith(prefix, StringComparison.Ordinal))
            .GroupBy(setting => setting.Key[prefix.Length..].Split(':')[0]);
        foreach (IGrouping<string, DeclaredSetting> level in levels)
        {
            DeclaredSetting first = level.First();
            yield return first.Key.Length == prefix.Length + level.Key.Length
                ? new Setting(level.Key, SchemaOf(first), first.IsRequired)
                : new Setting(level.Key, new ObjectSchema([.. In([.. level], $"{prefix}{level.Key}:")]));
        }
    }

    /// <summary>Returns the schema of an object.</summary>
    public static ObjectSchema Of(SettingGroup group) => new([.. In(group.Settings, "")]);

    private static SettingSchema SchemaOf(DeclaredSetting setting) => setting.Kind switch
    {
        SettingKind.Path => TextSchema.Path,
        SettingKind.Number => new IntegerSchema(
            setting.Min, setting.Max, setting.Unit == SettingUnit.None ? "" : setting.Unit.ToString().ToLowerInvariant()),
        SettingKind.Real => RealSchema.Instance,
        SettingKind.Flag => BooleanSchema.Instance,
        SettingKind.Choice => new ChoiceSchema([.. setting.Words]),
        SettingKind.Address => AddressSchema.Instance,
        SettingKind.Group => Of(setting.Group!),
        SettingKind.Switch => new SwitchSchema(Of(setting.Group!)),
        SettingKind.List => new ListSchema(setting.Entry, Of(setting.Group!), (int)setting.Max),
        SettingKind.Texts or SettingKind.Pins => new ListSchema(setting.Entry, TextSchema.Any, (int)setting.Max),
        _ => TextSchema.Any,
    };
}
