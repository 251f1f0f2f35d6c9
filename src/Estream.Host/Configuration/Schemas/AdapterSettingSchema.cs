using Estream.Host.Runtime;
using Estream.Marketplace;
using Microsoft.Extensions.Configuration;

namespace Estream.Host.Configuration;

/// <summary>The schema of an adapter. The keys of built-in adapters are checked here. The keys of a component are known only to its
/// factory, which checks them when the component is loaded (<see cref="AdapterCheck"/>).</summary>
internal sealed class AdapterSettingSchema(VariantSchema own) : SettingSchema
{
    private static readonly RefusedSchema s_durability = new(
        $"is not a setting of an adapter. Set {EstreamSettingsSchema.SectionName}:Queues:NAME:{QueueDurability.Key} of the queue.");

    public override void Check(IConfigurationSection section, SettingErrors errors)
    {
        IConfigurationSection component = section.GetSection(AdapterPlan.ComponentSetting);
        if (IsEmpty(component))
        {
            own.Check(section, errors);
            return;
        }

        CheckDurability(section, errors);

        if (!ComponentName.TryParse(component.Value, out _, out _))
        {
            errors.Add(component.Path,
                $"expects the name of a component, such as @acme/doors, not {ScalarSchema.Quote(component.Value ?? "an object")}.");
        }

        if (!IsEmpty(section.GetSection(VariantSchema.TypeKey)))
        {
            errors.Add(section.GetSection(VariantSchema.TypeKey).Path,
                $"conflicts with {component.Path}, which determines the type. Remove one of them.");
        }
    }

    // A component may ignore a key that it does not know. An operator who sets the durability there relies on it.
    private static void CheckDurability(IConfigurationSection section, SettingErrors errors)
    {
        s_durability.Check(section.GetSection(QueueDurability.Key), errors);
        foreach (IConfigurationSection child in section.GetChildren())
        {
            CheckDurability(child, errors);
        }
    }
}
