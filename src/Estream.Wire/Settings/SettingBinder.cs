using System.Globalization;
using System.Net;
using Estream.Esf;

namespace Estream.Wire.Settings;

/// <summary>Reads the values of declared settings.</summary>
/// <param name="schemas">The schemas that settings may name.</param>
/// <param name="queues">The queues that settings may name.</param>
/// <param name="own">The schemas that the adapter contains, for names that <paramref name="schemas"/> does not have.</param>
internal sealed class SettingBinder(EsfSchemaSet schemas, IReadOnlyCollection<string> queues, EsfSchemaSet own)
{
    /// <summary>Reads a setting; null if it is not set.</summary>
    /// <exception cref="WireConfigurationException">It is required and not set, or its text is not accepted.</exception>
    public object? Read(Setting setting, WireSettings settings)
    {
        switch (setting.Kind)
        {
            case SettingKind.List:
                return Entries(setting, settings);
            case SettingKind.Texts:
                return Texts(setting, settings);
            case SettingKind.Pins:
                return WireTlsFiles.ReadPins(settings, setting.Key).ToArray();
            case SettingKind.Group:
                return settings.Has(setting.Key) || setting.IsRequired
                    ? setting.Group!.Read(this, settings.Section(setting.Key))
                    : null;
            case SettingKind.Switch:
                return settings.Flag(setting.Key, false) || settings.Has(setting.Key)
                    ? setting.Group!.Read(this, settings.Section(setting.Key))
                    : null;
            default:
                string? text = setting.IsRequired ? settings.RequireText(setting.Key) : settings.Text(setting.Key);
                return text is null ? null : Scalar(setting, settings, text);
        }
    }

    private object Scalar(Setting setting, WireSettings settings, string text) => setting.Kind switch
    {
        SettingKind.Queue => settings.RequireQueue(setting.Key, queues),
        SettingKind.Schema => Schema(setting, settings, text),
        SettingKind.Number => Number(setting, settings),
        SettingKind.Real => settings.Real(setting.Key, 0),
        SettingKind.Flag => settings.Flag(setting.Key, false),
        SettingKind.Choice => Choice(setting, settings),
        SettingKind.Address => Address(setting, settings, text),
        SettingKind.Pin => WireTlsFiles.ReadCertificatePin(settings, setting.Key)[0],
        _ => text,
    };

    private EsfSchema Schema(Setting setting, WireSettings settings, string name)
    {
        if (setting.Words.Count > 0 && !setting.Words.Contains(name))
        {
            throw NotAccepted(setting, settings, name, string.Join(" or ", setting.Words));
        }

        return !schemas.TryGet(name, out EsfSchema? schema) && own.TryGet(name, out schema)
            ? schema
            : settings.RequireSchema(setting.Key, schemas);
    }

    private static object Number(Setting setting, WireSettings settings)
    {
        int number = settings.Number(setting.Key, 0, (int)setting.Min, (int)Math.Min(setting.Max, int.MaxValue));
        return setting.Type == typeof(TimeSpan)
            ? SettingWords.ToTime(number, setting.Unit)
            : Convert.ChangeType(number, setting.Type, CultureInfo.InvariantCulture);
    }

    private static object Choice(Setting setting, WireSettings settings)
    {
        string word = settings.Choice(setting.Key, "", setting.Words);
        return setting.Type.IsEnum ? SettingWords.Find(setting.Type, word)! : word;
    }

    private static IPAddress Address(Setting setting, WireSettings settings, string text) =>
        text.Equals("localhost", StringComparison.OrdinalIgnoreCase) ? IPAddress.Loopback
            : IPAddress.TryParse(text, out IPAddress? address) ? address
            : throw NotAccepted(setting, settings, text, "an IP address, such as 127.0.0.1");

    private Array Entries(Setting setting, WireSettings settings)
    {
        IReadOnlyList<WireSettings> sections = settings.List(setting.Key);
        if (sections.Count > setting.Max)
        {
            throw new WireConfigurationException(settings.KeyOf(setting.Key), $"has more than {setting.Max} {setting.Entry}s.");
        }

        if (setting.IsRequired && sections.Count == 0)
        {
            throw new WireConfigurationException(settings.KeyOf(setting.Key), "is required and not set.");
        }

        Array entries = NewArray(setting, sections.Count);
        for (int i = 0; i < sections.Count; i++)
        {
            entries.SetValue(setting.Group!.Read(this, sections[i]), i);
        }

        return entries;
    }

    private static string[] Texts(Setting setting, WireSettings settings)
    {
        List<string> texts = [];
        while (texts.Count < setting.Max && settings.Text($"{setting.Key}:{texts.Count}") is { } text)
        {
            texts.Add(text);
        }

        return [.. texts];
    }

    private static Array NewArray(Setting setting, int length) =>
        Array.CreateInstance(setting.Property.PropertyType.GetGenericArguments()[0], length);

    private static WireConfigurationException NotAccepted(Setting setting, WireSettings settings, string text, string accepted) =>
        new(settings.KeyOf(setting.Key), $"'{text}' is not accepted; write {accepted}.");
}
