using Estream.Wire;

namespace Estream.Host.Runtime;

/// <summary>Makes adapters reload their credentials. Thread-safe.</summary>
internal sealed class CredentialReload(HostState state)
{
    /// <summary>Reloads the credentials of all adapters that support it.</summary>
    public IReadOnlyList<ReloadedAdapter> Run() =>
        [.. (state.Parts?.Adapters ?? []).Where(runtime => runtime.Adapter is IReloadableAdapter).Select(Reload)];

    private static ReloadedAdapter Reload(AdapterRuntime runtime)
    {
        try
        {
            ((IReloadableAdapter)runtime.Adapter).ReloadCredentials();
            return new ReloadedAdapter(runtime.Name, "reloaded", "");
        }
        catch (WireConfigurationException failure)
        {
            return new ReloadedAdapter(runtime.Name, "refused", failure.Message);
        }
        catch (Exception failure)
        {
            // A component may throw anything; continue with the other adapters.
            return new ReloadedAdapter(runtime.Name, "failed", failure.Message);
        }
    }
}

/// <summary>The result of reloading the credentials of an adapter. <paramref name="Status"/> is <c>reloaded</c>, <c>refused</c> or
/// <c>failed</c>; <paramref name="Detail"/> is the reason. After a failure the previous credentials stay in use.</summary>
internal sealed record ReloadedAdapter(string Name, string Status, string Detail);
