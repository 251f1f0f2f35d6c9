using Estream.Esf;
using Estream.Host.Runtime;
using Estream.Wire;

namespace Estream.Host.Configuration;

/// <summary>
/// Checks settings that only the adapters understand, such as topic patterns and password files. Every adapter checks its settings and
/// reports its first error.
/// </summary>
internal static class AdapterCheck
{
    /// <param name="file">The loaded configuration.</param>
    /// <param name="settings">A configuration that passed <see cref="ConfigurationCheck"/>.</param>
    /// <param name="schemas">All schemas, including those of <c>Estream:Schemas</c>.</param>
    /// <exception cref="ConfigurationErrorException">An adapter refuses its settings.</exception>
    public static void Run(ConfigurationFile file, EstreamSettings settings, EsfSchemaSet schemas)
    {
        HostConfiguration plan = new();
        new EstreamBuilder(plan).AddShippedAdapters().Add(settings, schemas);
        SettingErrors errors = new();
        foreach (AdapterPlan adapter in plan.Adapters.Values)
        {
            try
            {
                plan.Check(adapter);
            }
            catch (WireConfigurationException e)
            {
                errors.Add(e.Key, e.Message[(e.Key.Length + 2)..]);
            }
        }

        if (errors.Count == 0)
        {
            CheckGateway(plan, errors);
        }

        if (errors.Count > 0)
        {
            throw ConfigurationErrorException.From(errors, file.Source, file.Variables);
        }
    }

    private static void CheckGateway(HostConfiguration plan, SettingErrors errors)
    {
        try
        {
            GatewayEdition.Check(plan);
        }
        catch (WireConfigurationException e)
        {
            errors.Add(e.Key, e.Message[(e.Key.Length + 2)..]);
        }
    }
}

/// <summary>The adapters that the host contains.</summary>
internal static class ShippedAdapters
{
    /// <summary>Adds the types of all adapters that the host contains.</summary>
    public static EstreamBuilder AddShippedAdapters(this EstreamBuilder builder) =>
        builder.AddMqtt().AddFix().AddIso20022().AddHl7().AddFhir().AddModbus().AddDnp3().AddOpcUa();
}
