using Estream.Host.Runtime;
using Estream.Marketplace;
using Microsoft.Extensions.Configuration;

namespace Estream.Host.Configuration;

/// <summary>The schema of an adapter. The keys of built-in adapters are checked here. The keys of a component are known only to its
/// factory, which checks them when the component is loaded (<see cref="AdapterCheck"/>).</summary>
internal sealed class AdapterSettingSchema(VariantSchema own) : SettingSchema
{
    public override void Check(IConfigurationSection section, SettingErrors errors)
    {
        IConfigurationSection component = section.GetSection(AdapterPlan.ComponentSetting);
        if (IsEmpty(component))
        {
            own.Check(section, errors);
            return;
        }

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
}
