using Estream.Wire;

namespace Estream.Host.Runtime;

/// <summary>Has the adapters read their credentials again. Thread-safe.</summary>
internal sealed class CredentialReload(HostState state)
{
    /// <summary>Reads the credentials of all adapters that can do so while they run.</summary>
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
            // The code of a component may throw anything, and the other adapters are to be asked all the same.
            return new ReloadedAdapter(runtime.Name, "failed", failure.Message);
        }
    }
}

/// <summary>What came of reading the credentials of an adapter: <c>reloaded</c>; or <c>refused</c> or <c>failed</c> with the reason, and
/// the earlier credentials stay in use.</summary>
internal sealed record ReloadedAdapter(string Name, string Status, string Detail);
