using Estream.Core;

namespace Estream.Marketplace.Client;

/// <summary>The registries of a workspace as they are during one call: each is asked once what it has, when it is needed first. One call at
/// a time.</summary>
/// <param name="clock">The time.</param>
internal sealed class RegistryViews(IClock clock)
{
    private readonly Dictionary<TrustedRegistry, RegistryView> _views = [];

    public async ValueTask<RegistryView> OfAsync(TrustedRegistry registry, CancellationToken cancellation)
    {
        if (!_views.TryGetValue(registry, out RegistryView? view))
        {
            view = await registry.RefreshAsync(clock, cancellation).ConfigureAwait(false);
            _views.Add(registry, view);
        }

        return view;
    }
}
