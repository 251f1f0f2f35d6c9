using Microsoft.Extensions.Configuration;

namespace Estream.Host.Configuration;

/// <summary>An object whose keys are names chosen by the operator: queues, maps, adapters.</summary>
internal sealed class NamedObjectsSchema(string what, SettingSchema item, int maxCount = 1024) : SettingSchema
{
    /// <summary>What a name consists of, for messages.</summary>
    internal const string NameRule = "1 to 64 letters a-z A-Z, digits, '-', '_' or '.', and starts with a letter or digit.";

    /// <summary>The maximum length of a name.</summary>
    internal const int MaxNameLength = 64;

    public SettingSchema Item => item;

    public override void Check(IConfigurationSection section, SettingErrors errors)
    {
        if (!string.IsNullOrEmpty(section.Value))
        {
            errors.Add(section.Path, $"expects an object with one key per {what}, not {ScalarSchema.Quote(section.Value)}.");
            return;
        }

        if (IsList(section))
        {
            errors.Add(section.Path, $"expects an object with one key per {what}, not a list.");
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

            if (!IsName(child.Key))
            {
                errors.Add(child.Path,
                    $"is not a valid name for a {what}: a name has {NameRule}");
            }

            Item.Check(child, errors);
        }
    }

    /// <summary>Whether a text is a valid name. A name becomes a directory and a metric label, so it must be safe as both.</summary>
    internal static bool IsName(string text) =>
        text.Length is > 0 and <= MaxNameLength
        && char.IsAsciiLetterOrDigit(text[0])
        && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');
}
