using Estream.Wire.Compliance.Internal;
using static Estream.Wire.Compliance.Internal.ComplianceRig;

namespace Estream.Wire.Compliance.Checks;

/// <summary>Checks valid and invalid settings.</summary>
internal static class ConfigurationChecks
{
    private const string Unknown = "NoSuchSettingOfAnybody";

    public static IReadOnlyList<ComplianceCheck> All { get; } =
    [
        new("C1", "Check takes the settings that Create takes, and opens nothing", ComplianceTraits.None, CheckTakesWhatIsRight),
        new("C2", "a setting nobody knows is refused with its full key, by Check and by Create", ComplianceTraits.None, UnknownIsRefused),
        new("C3", "a nonsensical value is taken as text or refused with a WireConfigurationException", ComplianceTraits.None,
            NonsenseIsRefused),
        new("C4", "a queue that is not there is refused, and those there are are named", ComplianceTraits.None, MissingQueueIsNamed),
    ];

    private static Task CheckTakesWhatIsRight(ComplianceRig rig)
    {
        Check(rig, rig.Settings());
        if (rig.Listens)
        {
            LoopbackPort.Take(rig.Site.Port, "Check opens nothing").Dispose();
        }

        rig.Create();
        return Task.CompletedTask;
    }

    private static async Task UnknownIsRefused(ComplianceRig rig)
    {
        WireSettings Wrong() => rig.Settings((Unknown, "1"));
        Refused("Check", Of(() => Check(rig, Wrong())));
        IWireAdapter? adapter = null;
        WireConfigurationException? refusal = Of(() => adapter = rig.Create(Wrong()));
        if (adapter is not null)
        {
            await adapter.DisposeAsync().ConfigureAwait(false);
        }

        Refused("Create", refusal);
    }

    private static async Task NonsenseIsRefused(ComplianceRig rig)
    {
        foreach (string key in rig.Subject.Settings(rig.Site).Keys)
        {
            WireSettings Wrong() => rig.Settings((key, "\u0001nonsense"));
            Named(key, Of(() => Check(rig, Wrong())));
            IWireAdapter? adapter = null;
            Named(key, Of(() => adapter = rig.Create(Wrong())));
            if (adapter is not null)
            {
                await adapter.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    private static Task MissingQueueIsNamed(ComplianceRig rig)
    {
        const string Other = "another-queue";
        WireConfigurationException? refusal =
            Of(() => rig.Subject.Factory.Check(AdapterName, rig.Subject.Schemas, [Other], rig.Settings()));
        Require(refusal is not null,
            $"Check refuses settings that name a queue that is not there ('{WireAdapterCompliance.Queue}'); it took them.");
        Require(refusal.Message.Contains(Other, StringComparison.Ordinal),
            $"the refusal names the queues there are ('{Other}'); it says: {refusal.Message}");
        return Task.CompletedTask;
    }

    private static void Check(ComplianceRig rig, WireSettings settings)
    {
        rig.Subject.Factory.Check(AdapterName, rig.Subject.Schemas, [WireAdapterCompliance.Queue], settings);
    }

    private static void Refused(string by, WireConfigurationException? refusal)
    {
        Require(refusal is not null,
            $"{by} refuses a setting nobody knows (RefuseUnknown does it): a misspelt key must not be taken for a default; it took it.");
        Require(refusal.Key.Equals($"{SettingsPath}:{Unknown}", StringComparison.OrdinalIgnoreCase),
            $"{by} names the full key, {SettingsPath}:{Unknown}; it names {refusal.Key}.");
    }

    private static void Named(string key, WireConfigurationException? refusal)
    {
        Require(
            refusal is null || refusal.Key.StartsWith($"{SettingsPath}:", StringComparison.OrdinalIgnoreCase),
            $"a refusal names the full key, which begins with {SettingsPath}; that of {key} names {refusal?.Key}.");
    }

    /// <summary>Returns the rejection of settings by an action; null if it accepts them.</summary>
    /// <exception cref="ComplianceException">It throws another exception.</exception>
    private static WireConfigurationException? Of(Action action)
    {
        try
        {
            action();
            return null;
        }
        catch (WireConfigurationException refusal)
        {
            return refusal;
        }
        catch (Exception failure)
        {
            throw new ComplianceException(
                $"settings are refused with a WireConfigurationException that names the key; it threw {failure.GetType().Name}: "
                + $"{failure.Message}", failure);
        }
    }
}
