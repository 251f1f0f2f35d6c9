using Microsoft.Extensions.Configuration;

namespace Estream.Host.Configuration;

/// <summary>An object with a fixed set of keys. Keys are compared ignoring case, as everywhere in .NET configuration.</summary>
internal sealed class ObjectSchema(params Setting[] settings) : SettingSchema
{
    public IReadOnlyList<Setting> Settings => settings;

    private IEnumerable<string> Keys => settings.Where(s => s.Shape is not RefusedSchema).Select(s => s.Key);

    private string AcceptedKeys => string.Join(", ", Keys);

    public override void Check(IConfigurationSection section, SettingErrors errors)
    {
        if (!string.IsNullOrEmpty(section.Value))
        {
            errors.Add(section.Path, $"expects an object with the keys {AcceptedKeys}, not {ScalarSchema.Quote(section.Value)}.");
            return;
        }

        if (IsList(section))
        {
            errors.Add(section.Path, $"expects an object with the keys {AcceptedKeys}, not a list.");
            return;
        }

        foreach (IConfigurationSection child in section.GetChildren())
        {
            CheckChild(child, errors);
        }

        foreach (Setting setting in settings)
        {
            IConfigurationSection child = section.GetSection(setting.Key);
            if (setting.IsRequired && IsEmpty(child))
            {
                string expectation = setting.Shape is ScalarSchema scalar ? $" It expects {scalar.Expectation}." : "";
                errors.Add(child.Path, $"is missing.{expectation}");
            }
        }
    }

    private void CheckChild(IConfigurationSection child, SettingErrors errors)
    {
        foreach (Setting setting in settings)
        {
            if (string.Equals(setting.Key, child.Key, StringComparison.OrdinalIgnoreCase))
            {
                // A required key that is present but empty is reported once, as missing.
                if (!(setting.IsRequired && IsEmpty(child)))
                {
                    setting.Shape.Check(child, errors);
                }

                return;
            }
        }

        string hint = Suggestion.For(child.Key, Keys);
        errors.Add(child.Path, $"is not a known key.{hint} Accepted keys: {AcceptedKeys}.");
    }
}

/// <summary>One accepted key of an object.</summary>
internal sealed record Setting(string Key, SettingSchema Shape, bool IsRequired = false)
{
    public static Setting Required(string key, SettingSchema shape) => new(key, shape, IsRequired: true);
}
