using Estream.Wire.Compliance.Internal;
using static Estream.Wire.Compliance.Internal.ComplianceRig;

namespace Estream.Wire.Compliance.Checks;

/// <summary>Checks valid and invalid settings.</summary>
internal static class ConfigurationChecks
{
    private const string Unknown = "NoSuchSettingOfAnybody";

    public static IReadOnlyList<ComplianceCheck> All { get; } =
    [
        new("C1", "Check accepts the settings that Create accepts, and opens nothing", ComplianceTraits.None, CheckTakesWhatIsRight),
        new("C2", "Check and Create refuse an unknown setting with its full key", ComplianceTraits.None, UnknownIsRefused),
        new("C3", "a nonsensical value is accepted as text or refused with a WireConfigurationException", ComplianceTraits.None,
            NonsenseIsRefused),
        new("C4", "an unknown queue is refused with the names of the existing queues", ComplianceTraits.None, MissingQueueIsNamed),
    ];

    private static Task CheckTakesWhatIsRight(ComplianceRig rig)
    {
        Check(rig, rig.Settings());
        if (rig.Listens)
        {
            LoopbackPort.Take(rig.Site.Port, "Check must open nothing").Dispose();
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
            $"Check must refuse settings that name an unknown queue ('{WireAdapterCompliance.Queue}'); it accepted them.");
        Require(refusal.Message.Contains(Other, StringComparison.Ordinal),
            $"the refusal must name the existing queues ('{Other}'); it says: {refusal.Message}");
        return Task.CompletedTask;
    }

    private static void Check(ComplianceRig rig, WireSettings settings)
    {
        rig.Subject.Factory.Check(AdapterName, rig.Subject.Schemas, [WireAdapterCompliance.Queue], settings);
    }

    private static void Refused(string by, WireConfigurationException? refusal)
    {
        Require(refusal is not null,
            $"{by} must refuse an unknown setting (call RefuseUnknown), so that a misspelt key is noticed; it accepted it.");
        Require(refusal.Key.Equals($"{SettingsPath}:{Unknown}", StringComparison.OrdinalIgnoreCase),
            $"{by} must name the full key, {SettingsPath}:{Unknown}; it names {refusal.Key}.");
    }

    private static void Named(string key, WireConfigurationException? refusal)
    {
        Require(
            refusal is null || refusal.Key.StartsWith($"{SettingsPath}:", StringComparison.OrdinalIgnoreCase),
            $"a refusal must name the full key, which begins with {SettingsPath}; the refusal of {key} names {refusal?.Key}.");
    }

    /// <summary>Returns the exception with which an action rejects settings; null if the action accepts them.</summary>
    /// <exception cref="ComplianceException">The action throws another exception.</exception>
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
                $"settings must be refused with a WireConfigurationException that names the key; it threw {failure.GetType().Name}: "
                + $"{failure.Message}", failure);
        }
    }
}
