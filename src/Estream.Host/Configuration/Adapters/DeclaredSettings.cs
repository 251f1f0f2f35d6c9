using System.Globalization;
using Estream.Wire.Settings;
using DeclaredSetting = Estream.Wire.Settings.Setting;

namespace Estream.Host.Configuration;

/// <summary>Converts the declared settings of an adapter to the schema of its section.</summary>
internal static class DeclaredSettings
{
    private const int MaxNumberBytes = 64;

    private static readonly TextSchema s_real = new("a number, such as 0.1", MaxNumberBytes, IsReal);

    /// <summary>Returns the schema of an adapter.</summary>
    /// <param name="type">The type of the adapter.</param>
    /// <param name="group">Its settings.</param>
    public static ObjectSchema Of(string type, SettingGroup group) =>
        new([Setting.Required(VariantSchema.TypeKey, new ChoiceSchema(type)), .. In(group.Settings, "")]);

    // A key with colons is in an object that has no declaration of its own.
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

    private static ObjectSchema Of(SettingGroup group) => new([.. In(group.Settings, "")]);

    private static SettingSchema SchemaOf(DeclaredSetting setting) => setting.Kind switch
    {
        SettingKind.Path => TextSchema.Path,
        SettingKind.Number => new IntegerSchema(
            setting.Min, setting.Max, setting.Unit == SettingUnit.None ? "" : setting.Unit.ToString().ToLowerInvariant()),
        SettingKind.Real => s_real,
        SettingKind.Flag => BooleanSchema.Instance,
        SettingKind.Choice => new ChoiceSchema([.. setting.Words]),
        SettingKind.Address => AddressSchema.Instance,
        SettingKind.Group => Of(setting.Group!),
        SettingKind.Switch => new SwitchSchema(Of(setting.Group!)),
        SettingKind.List => new ListSchema(setting.Entry, Of(setting.Group!), (int)setting.Max),
        SettingKind.Texts or SettingKind.Pins => new ListSchema(setting.Entry, TextSchema.Any, (int)setting.Max),
        _ => TextSchema.Any,
    };

    private static bool IsReal(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value);
}
