using Estream.Wire;

namespace Estream.Host.Runtime;

/// <summary>Makes adapters reload their credentials, and queues their trusted keys. Thread-safe.</summary>
internal sealed class CredentialReload(HostState state)
{
    /// <summary>Reloads the credentials of all adapters that support it.</summary>
    public IReadOnlyList<ReloadedPart> Run() =>
        [.. (state.Parts?.Adapters ?? []).Where(runtime => runtime.Adapter is IReloadableAdapter).Select(Reload)];

    /// <summary>Reads the trusted keys of all queues that require signatures.</summary>
    public IReadOnlyList<ReloadedPart> RunQueues() => state.Parts?.Signatures.Reload() ?? [];

    private static ReloadedPart Reload(AdapterRuntime runtime)
    {
        try
        {
            ((IReloadableAdapter)runtime.Adapter).ReloadCredentials();
            return new ReloadedPart(runtime.Name, "reloaded", "");
        }
        catch (WireConfigurationException failure)
        {
            return new ReloadedPart(runtime.Name, "refused", failure.Message);
        }
        catch (Exception failure)
        {
            // A component may throw anything; continue with the other adapters.
            return new ReloadedPart(runtime.Name, "failed", failure.Message);
        }
    }
}

/// <summary>The result of reloading the credentials of an adapter or the trusted keys of a queue. <paramref
/// name="Status"/> is <c>reloaded</c>, <c>refused</c> or <c>failed</c>; <paramref name="Detail"/> is the reason. After a failure the
/// previous credentials or keys stay in use.</summary>
internal sealed record ReloadedPart(string Name, string Status, string Detail);
