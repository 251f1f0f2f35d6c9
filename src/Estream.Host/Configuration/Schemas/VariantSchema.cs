using Microsoft.Extensions.Configuration;

namespace Estream.Host.Configuration;

/// <summary>An object whose key <c>Type</c> selects the other accepted keys.</summary>
internal sealed class VariantSchema(IReadOnlyDictionary<string, ObjectSchema> variants) : SettingSchema
{
    public const string TypeKey = "Type";

    public override void Check(IConfigurationSection section, SettingErrors errors)
    {
        if (!string.IsNullOrEmpty(section.Value) || IsList(section))
        {
            errors.Add(section.Path, $"expects an object with the key {TypeKey}: one of {string.Join(", ", variants.Keys)}.");
            return;
        }

        IConfigurationSection type = section.GetSection(TypeKey);
        if (IsEmpty(type))
        {
            errors.Add(type.Path, $"is missing. It expects one of {string.Join(", ", variants.Keys)}.");
        }
        else if (type.Value is { } name && variants.TryGetValue(name, out ObjectSchema? shape))
        {
            shape.Check(section, errors);
        }
        else
        {
            string hint = Suggestion.For(type.Value ?? "", variants.Keys);
            errors.Add(type.Path,
                $"expects one of {string.Join(", ", variants.Keys)}, not {ScalarSchema.Quote(type.Value ?? "an object")}.{hint}");
        }
    }
}
