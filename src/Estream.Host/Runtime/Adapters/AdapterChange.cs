using Estream.Host.Components;
using Estream.Wire;

namespace Estream.Host.Runtime;

/// <summary>
/// One change of the adapters of a running host to its configuration. Adapters that do not change keep running. The others stop before new
/// ones start, because a new adapter may use the port of an old one. Used once, by the holder of <see cref="AdapterUpdater.EnterAsync"/>.
/// </summary>
/// <param name="plan">The new configuration; after <see cref="UndoAsync"/> is called, the old one.</param>
/// <param name="set">The adapters.</param>
/// <param name="updater">Starts and stops adapters.</param>
internal sealed class AdapterChange(HostConfiguration plan, AdapterSet set, AdapterUpdater updater)
{
    private readonly IReadOnlyList<AdapterRuntime> _before = set.All;
    private readonly Dictionary<string, AdapterRuntime> _created = new(StringComparer.Ordinal);
    private IReadOnlyList<AdapterRuntime> _ended = [];

    /// <summary>Creates adapters of the configuration; nothing starts or stops yet.</summary>
    /// <param name="names">The names of the new and changed adapters.</param>
    /// <exception cref="Exception">A setting is invalid, or a component cannot be loaded. Its code may throw anything.</exception>
    public void Create(IReadOnlyCollection<string> names)
    {
        foreach (AdapterPlan adapter in plan.Adapters.Values.Where(adapter => names.Contains(adapter.Name)))
        {
            LoadedComponent? component = plan.Load(adapter);
            try
            {
                long restarts = _before.FirstOrDefault(old => old.Name == adapter.Name)?.Restarts ?? 0;
                _created.Add(adapter.Name, set.Create(adapter, component, restarts));
            }
            catch
            {
                component?.Dispose();
                throw;
            }
        }
    }

    /// <summary>Stops the adapters that are changed or not in the configuration any more, then starts the created ones.</summary>
    /// <param name="whileStopped">Changes the parts that only these adapters use.</param>
    /// <returns>Null on success; otherwise the first failure.</returns>
    public async Task<string?> SwapAsync(Func<Task> whileStopped)
    {
        AdapterRuntime[] next =
        [
            .. plan.Adapters.Keys.Select(name => _created.GetValueOrDefault(name) ?? _before.FirstOrDefault(old => old.Name == name))
                .OfType<AdapterRuntime>(),
        ];
        _ended = [.. _before.Except(next)];
        set.Set(next);
        await Task.WhenAll(_ended.Select(updater.EndAsync)).ConfigureAwait(false);
        await whileStopped().ConfigureAwait(false);
        foreach (AdapterRuntime runtime in next.Where(_created.ContainsValue))
        {
            if (await updater.TryStartAsync(set, runtime, HealthState.Unhealthy).ConfigureAwait(false) is { } reason)
            {
                return $"The adapter {runtime.Name} could not start: {reason}";
            }
        }

        return null;
    }

    /// <summary>Unloads the components of the adapters that were stopped.</summary>
    public void Complete()
    {
        foreach (AdapterRuntime old in _ended)
        {
            old.Component?.Dispose();
        }
    }

    /// <summary>Unloads the components of the created adapters, after <see cref="UndoAsync"/>.</summary>
    public void Discard()
    {
        foreach (AdapterRuntime runtime in _created.Values)
        {
            runtime.Component?.Dispose();
        }
    }

    /// <summary>Stops the created adapters, and starts the stopped ones again. The caller has restored the configuration.</summary>
    /// <param name="whileStopped">Restores the parts that only these adapters use. Must not throw.</param>
    /// <returns>The adapters that could not start again, with the reason. Each is retried until the next reload.</returns>
    public async Task<IReadOnlyList<string>> UndoAsync(Func<Task> whileStopped)
    {
        List<string> down = [];
        Dictionary<AdapterRuntime, AdapterRuntime> again = [];
        foreach (AdapterRuntime old in _ended)
        {
            try
            {
                again.Add(old, set.Create(old.Plan, old.Component, old.Restarts));
            }
            catch (Exception failure)
            {
                // Code of a component may throw anything.
                old.Fail($"The adapter could not be created again: {failure.Message}");
                down.Add($"{old.Name}: {failure.Message}");
            }
        }

        set.Set(_before.Select(old => again.GetValueOrDefault(old, old)));
        await Task.WhenAll(_created.Values.Select(updater.EndAsync)).ConfigureAwait(false);
        await whileStopped().ConfigureAwait(false);
        foreach (AdapterRuntime runtime in again.Values.TakeWhile(_ => !updater.IsEnding))
        {
            if (await updater.TryStartAsync(set, runtime, HealthState.Unhealthy).ConfigureAwait(false) is { } reason)
            {
                runtime.Fail($"The adapter could not be restarted: {reason}");
                down.Add($"{runtime.Name}: {reason}");
                set.Ended(runtime);
            }
        }

        return down;
    }
}
