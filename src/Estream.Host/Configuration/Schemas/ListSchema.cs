using Microsoft.Extensions.Configuration;

namespace Estream.Host.Configuration;

/// <summary>A list of items with the same schema.</summary>
internal sealed class ListSchema(string what, SettingSchema item, int maxCount = 256) : SettingSchema
{
    public SettingSchema Item => item;

    public override void Check(IConfigurationSection section, SettingErrors errors)
    {
        if (IsEmpty(section))
        {
            return;
        }

        if (!IsList(section))
        {
            string found = string.IsNullOrEmpty(section.Value) ? "an object" : ScalarSchema.Quote(section.Value);
            errors.Add(section.Path, $"expects a list of {what}s, not {found}.");
            return;
        }

        int count = 0;
        foreach (IConfigurationSection child in section.GetChildren())
        {
            if (++count > maxCount)
            {
                errors.Add(section.Path, $"has more than {maxCount} {what}s.");
                return;
            }

            Item.Check(child, errors);
        }
    }
}
